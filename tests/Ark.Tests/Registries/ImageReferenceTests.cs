using Ark.Wire.Registries;
using Xunit;

namespace Ark.Tests.Registries;

public sealed class ImageReferenceTests
{
    private const string Ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    private const string Hub = RegistryReference.DockerHub;

    [Theory]
    [InlineData(Ecr + "/dir/image:1.0", Ecr, "dir/image", "1.0", null)]
    [InlineData("https://" + Ecr + "/dir/image", Ecr, "dir/image", null, null)]
    [InlineData(Ecr, Ecr, "", null, null)]
    [InlineData(Ecr + "/", Ecr, "", null, null)]
    [InlineData("localhost/app", "localhost", "app", null, null)]
    [InlineData("localhost:5000/app:x", "localhost:5000", "app", "x", null)]
    [InlineData("registry:5000/app", "registry:5000", "app", null, null)]
    [InlineData("h.example:5000/a/b@sha256:0123456789abcdef0123456789abcdef", "h.example:5000", "a/b", null, "sha256:0123456789abcdef0123456789abcdef")]
    [InlineData("nginx", Hub, "library/nginx", null, null)]
    [InlineData("nginx:1.25", Hub, "library/nginx", "1.25", null)]
    [InlineData("user/image", Hub, "user/image", null, null)]
    [InlineData("docker.io/library/nginx:1", Hub, "library/nginx", "1", null)]
    [InlineData(" index.docker.io/user/image\n", Hub, "user/image", null, null)]
    public void An_image_is_read_as_docker_reads_it(string text, string host, string repository, string? tag, string? digest)
    {
        ImageReference? image = ImageReference.Parse(text, out string refusal);

        Assert.Equal("", refusal);
        Assert.Equal((host, repository, tag, digest), (image?.Registry.Host, image?.Repository, image?.Tag, image?.Digest));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("http://h.example/app")]
    [InlineData("h.example/app:")]
    [InlineData("h.example/app@sha256:12")]
    [InlineData("user:password@h.example/app")]
    [InlineData("a b")]
    public void What_is_no_image_is_refused_with_a_reason(string text)
    {
        Assert.Null(ImageReference.Parse(text, out string refusal));
        Assert.NotEqual("", refusal);
    }

    [Fact]
    public void No_text_makes_it_throw()
    {
        var random = new Random(7);
        const string Alphabet = "ab:/@.-_%: \n\u00e90https";
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            ImageReference? image = ImageReference.Parse(text, out string refusal);
            Assert.Equal(image is null, refusal.Length > 0);
        }
    }
}
