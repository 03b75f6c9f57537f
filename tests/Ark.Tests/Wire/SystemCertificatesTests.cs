using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

public sealed class SystemCertificatesTests
{
    [Theory]
    [InlineData("SSL_CERT_FILE")]
    [InlineData("SSL_CERT_DIR")]
    public void Certificates_that_the_user_names_are_not_replaced(string variable) =>
        Assert.Null(SystemCertificates.Find(name => name == variable ? "/named" : null, _ => true));

    [Fact]
    public void An_empty_variable_names_nothing() =>
        Assert.Equal("/etc/ssl/certs/ca-certificates.crt", SystemCertificates.Find(_ => "", _ => true));

    [Fact]
    public void The_first_place_that_exists_is_taken() => Assert.Equal(
        "/etc/ssl/ca-bundle.pem",
        SystemCertificates.Find(_ => null, path => path is "/etc/ssl/cert.pem" or "/etc/ssl/ca-bundle.pem"));

    [Fact]
    public void A_system_without_certificates_has_none() => Assert.Null(SystemCertificates.Find(_ => null, _ => false));
}
