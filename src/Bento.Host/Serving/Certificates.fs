namespace Bento

open System
open System.Globalization
open System.IO
open System.Security.Cryptography
open System.Security.Cryptography.X509Certificates

/// A server's certificate, and those that vouch for it.
[<NoComparison; NoEquality>]
type internal Identity = {
    Own: X509Certificate2
    Chain: X509Certificate2Collection
}

/// From the files that `Tls` names to a certificate that can be served, or one sentence that says why not.
[<RequireQualifiedAccess>]
module internal Certificates =

    let private isPfx (path: string) =
        match (string (Path.GetExtension path)).ToLowerInvariant() with
        | ".pfx"
        | ".p12" -> true
        | _ -> false

    let private password (tls: Tls) =
        tls.KeyPassword |> Option.map _.Text |> Option.defaultValue ""

    /// The certificate's file is named; of the key's file and password nothing is told.
    let private keyOf (tls: Tls) =
        if tls.Key.IsSome then
            "the file of its key"
        else
            "its key in the same file"

    let private pfx (tls: Tls) =
        let found =
            X509CertificateLoader.LoadPkcs12CollectionFromFile(tls.Certificate, password tls)

        match found |> Seq.tryFind _.HasPrivateKey with
        | None -> Error $"the file {tls.Certificate} has no certificate with a key"
        | Some own ->
            found.Remove own
            Ok { Own = own; Chain = found }

    let private pem (tls: Tls) =
        let chain = X509Certificate2Collection()
        chain.ImportFromPemFile tls.Certificate

        if chain.Count = 0 then
            Error $"the file {tls.Certificate} has no PEM certificate; it should begin with -----BEGIN CERTIFICATE-----"
        else
            let key = tls.Key |> Option.defaultValue tls.Certificate

            let own =
                match tls.KeyPassword with
                | Some secret -> X509Certificate2.CreateFromEncryptedPemFile(tls.Certificate, secret.Text, key)
                | None -> X509Certificate2.CreateFromPemFile(tls.Certificate, key)

            chain.RemoveAt 0
            Ok { Own = own; Chain = chain }

    let private date (moment: DateTime) =
        moment.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)

    let private inTime (path: string) (now: DateTime) (identity: Identity) =
        if now > identity.Own.NotAfter then
            Error $"the certificate in {path} expired on {date identity.Own.NotAfter}; renew it"
        elif now < identity.Own.NotBefore then
            Error
                $"the certificate in {path} is not valid before {date identity.Own.NotBefore}; look at this machine's clock"
        else
            Ok identity

    /// Reads what `Tls` names. The caller says what time it is.
    let read (now: DateTime) (tls: Tls) : Result<Identity, string> =
        if not (File.Exists tls.Certificate) then
            Error $"there is no certificate at \"{tls.Certificate}\"; give a PEM or PFX file"
        elif tls.Key |> Option.exists (fun key -> not (File.Exists key)) then
            Error $"there is no file where the key of {tls.Certificate} should be; give its PEM file"
        else
            try
                (if isPfx tls.Certificate then pfx tls else pem tls)
                |> Result.bind (inTime tls.Certificate now)
            with
            | :? CryptographicException when tls.KeyPassword.IsSome ->
                Error $"the password does not open {keyOf tls}, or the two do not belong to {tls.Certificate}"
            | :? CryptographicException
            | :? ArgumentException ->
                Error
                    $"{tls.Certificate} and {keyOf tls} do not belong together, or one is damaged or encrypted; give a certificate and its own key, and the password where there is one"
            | :? UnauthorizedAccessException
            | :? IOException ->
                Error $"{tls.Certificate} or {keyOf tls} cannot be read by this user; look at the files' permissions"
