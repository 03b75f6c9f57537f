using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>Which hosts setup registers, and under which key.</summary>
public sealed class SetupHostTests : IDisposable
{
    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("registry")]
    [InlineData("https://registry.example.com")]
    [InlineData("123456789012.d\u212ar.ecr.us-east-1.amazonaws.com")]
    [InlineData("registry.example.com/app")]
    [InlineData("*.dkr.ecr.us-east-1.amazonaws.com")]
    [InlineData("registry.example.com:0")]
    [InlineData("registry.example.com:65536")]
    [InlineData("registry.example.com:")]
    [InlineData("registry..example.com")]
    [InlineData("-registry.example.com")]
    [InlineData("registry.example.com.")]
    [InlineData("régistry.example.com")]
    [InlineData("u:p@registry.example.com")]
    [InlineData("registry.example.com\n")]
    [InlineData("docker.io")]
    public void What_docker_would_never_look_up_is_refused_by_name(string typed)
    {
        Assert.Equal(1, _user.Run("setup", "--yes", "--host", The.Host, "--host", typed));
        Assert.Contains($"\"{TextSanitizer.Line(typed)}\"", _user.Error, StringComparison.Ordinal);
        Assert.Empty(_user.Everything());
    }
}
