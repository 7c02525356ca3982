using AspNet;

await Application.Create(args).RunAsync();
