using System.Diagnostics;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>What can be said of a secret without reading it.</summary>
internal static class SecretName
{
    /// <summary>Where it is, for people.</summary>
    public static string Of(SecretReference secret) => TextSanitizer.Name(secret switch
    {
        SecretReference.File(var path) => path,
        SecretReference.Helper(var program, _) => DockerHelper.ProgramOf(program),
        SecretReference.Command(var arguments) => arguments[0],
        _ => throw new UnreachableException(),
    });

    /// <summary>All that the configuration says of it.</summary>
    public static IEnumerable<string> Whole(SecretReference secret) => secret switch
    {
        SecretReference.File(var path) => ["file", path],
        SecretReference.Helper(var program, var server) => ["helper", program, server],
        SecretReference.Command(var arguments) => ["command", .. arguments],
        _ => throw new UnreachableException(),
    };
}
