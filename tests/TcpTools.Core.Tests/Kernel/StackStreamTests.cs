using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Security;
using System.Text;
using System.Threading.Tasks;
using TcpTools.Lab;
using TcpTools.Stack;
using TcpTools.Tests.Sockets;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>.NET's own clients over connections of ours, and programs that know nothing of us as their peers.</summary>
[Trait("Category", "Root")]
public sealed class StackStreamTests
{
    [RootFact("nginx")]
    public async Task HttpClient_fetches_pages_over_our_stack()
    {
        byte[] page = RepeatableData.Make(700_000);
        using TunPair pair = new();
        NginxServer.Start(pair.Place, "10.9.0.1", 80, new Dictionary<string, byte[]> { ["a.bin"] = page });
        using HttpClient client = new(pair.Stack.CreateHttpHandler()) { Timeout = TunPair.Limit };
        Assert.Equal(page, await client.GetByteArrayAsync("http://10.9.0.1/a.bin"));
        byte[][] many = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetByteArrayAsync("http://10.9.0.1/a.bin")));
        Assert.All(many, got => Assert.Equal(page.Length, got.Length));
        Assert.True(pair.Stack.Counters["TcpActiveOpens"] >= 1);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://10.9.0.1:81/"));
    }

    [RootFact("openssl")]
    public async Task SslStream_speaks_with_openssl_over_our_stack()
    {
        using TunPair pair = new();
        string folder = Directory.CreateTempSubdirectory("tcptools-tls-").FullName;
        try
        {
            using (var certificate = SessionStreamTests.MakeCertificate())
            {
                File.WriteAllText(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
                using var key = System.Security.Cryptography.X509Certificates.RSACertificateExtensions.GetRSAPrivateKey(certificate);
                File.WriteAllText(Path.Combine(folder, "key.pem"), key!.ExportPkcs8PrivateKeyPem());
            }

            using LabProcess server = pair.Place.Start(
                "openssl", "s_server", "-accept", "10.9.0.1:4433", "-cert", Path.Combine(folder, "cert.pem"), "-key", Path.Combine(folder, "key.pem"), "-rev", "-quiet");
            TcpSessionStream? stream = null;
            Assert.True(Tool.Until(() => (stream = TryConnect(pair.Stack)) is not null, TunPair.Limit));
            using SslStream tls = new(stream!);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "peer",
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            }).WaitAsync(TunPair.Limit);
            await tls.WriteAsync("forwards\n"u8.ToArray());
            byte[] answer = new byte[9];
            await tls.ReadExactlyAsync(answer).AsTask().WaitAsync(TunPair.Limit);
            Assert.Equal("sdrawrof\n", Encoding.ASCII.GetString(answer));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TcpSessionStream? TryConnect(TcpStack stack)
    {
        try
        {
            return stack.ConnectStreamAsync("10.9.0.1", 4433).WaitAsync(TunPair.Limit).GetAwaiter().GetResult();
        }
        catch (StackException)
        {
            return null;
        }
    }
}
