using System;
using System.IO;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Lab;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using Xunit;

namespace TcpTools.Tests.Sockets;

/// <summary>A session as a .NET stream, whoever runs its protocol.</summary>
public abstract class SessionStreamTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    protected abstract ISessionPair Open();

    [Fact]
    public void Text_goes_through_readers_and_writers()
    {
        using ISessionPair pair = Open();
        using StreamReader reader = new(pair.Far.AsStream());
        using (StreamWriter writer = new(pair.Near.AsStream(leaveOpen: true)) { NewLine = "\r\n" })
        {
            writer.WriteLine("eins");
            writer.Write("zwei, drei");
        }

        Assert.False(pair.Near.IsClosed);
        pair.Near.AsStream().FinishWriting();
        Assert.Equal("eins", reader.ReadLine());
        Assert.Equal("zwei, drei", reader.ReadToEnd());
        using TcpSessionStream closing = pair.Near.AsStream();
        closing.Dispose();
        Assert.True(pair.Near.IsClosed);
        Assert.False(closing.CanRead);
        Assert.Throws<ObjectDisposedException>(() => closing.Read(new byte[1]));
    }

    [Fact]
    public async Task Megabytes_go_both_ways_without_a_thread_of_their_own()
    {
        using ISessionPair pair = Open();
        byte[] up = RepeatableData.Make(3_000_000);
        byte[] down = RepeatableData.Make(2_000_000);
        TcpSessionStream near = pair.Near.AsStream();
        TcpSessionStream far = pair.Far.AsStream();
        byte[] got = new byte[up.Length];
        byte[] back = new byte[down.Length];
        Task all = Task.WhenAll(
            near.WriteAsync(up).AsTask(), far.ReadExactlyAsync(got).AsTask(), far.WriteAsync(down).AsTask(), near.ReadExactlyAsync(back).AsTask());
        await all.WaitAsync(s_limit);
        Assert.Equal(up, got);
        Assert.Equal(down, back);
        Task<int> end = far.ReadAsync(new byte[1]).AsTask();
        near.FinishWriting();
        Assert.Equal(0, await end.WaitAsync(s_limit));
        Assert.Equal(0, far.Read(new byte[1]));
    }

    [Fact]
    public async Task Waits_are_cancelled_and_lose_nothing()
    {
        using ISessionPair pair = Open();
        TcpSessionStream near = pair.Near.AsStream();
        using CancellationTokenSource stop = new();
        byte[] buffer = new byte[10];
        Task<int> read = near.ReadAsync(buffer, stop.Token).AsTask();
        Assert.False(read.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(s_limit));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => near.ReadAsync(buffer, stop.Token).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => near.WriteAsync(buffer, stop.Token).AsTask());
        using CancellationTokenSource late = new(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => near.WriteAsync(new byte[64 << 20], late.Token).AsTask().WaitAsync(s_limit));
        pair.Far.WriteAll("abc"u8, s_limit);
        Assert.Equal(3, await near.ReadAtLeastAsync(buffer, 3).AsTask().WaitAsync(s_limit));
    }

    [Fact]
    public async Task Errors_are_those_of_streams_with_ours_inside()
    {
        using ISessionPair pair = Open();
        TcpSessionStream near = pair.Near.AsStream();
        near.ReadTimeout = 30;
        IOException timedOut = Assert.Throws<IOException>(() => near.Read(new byte[1], 0, 1));
        Assert.Equal(StackError.TimedOut, Assert.IsType<StackException>(timedOut.InnerException).Error);
        near.WriteTimeout = 100;
        Assert.Throws<IOException>(() => near.Write(new byte[64 << 20]));
        Task<int> reading = near.ReadAsync(new byte[1]).AsTask();
        pair.Far.Abort();
        IOException reset = await Assert.ThrowsAsync<IOException>(() => reading.WaitAsync(s_limit));
        Assert.Equal(StackError.ConnectionReset, Assert.IsType<StackException>(reset.InnerException).Error);
        await Assert.ThrowsAsync<IOException>(() => near.ReadAsync(new byte[1]).AsTask());
        await Assert.ThrowsAsync<IOException>(() => near.WriteAsync(new byte[1]).AsTask());
        Assert.Throws<NotSupportedException>(() => near.Length);
        Assert.Throws<NotSupportedException>(() => near.Seek(0, SeekOrigin.Begin));
        Assert.Throws<ArgumentOutOfRangeException>(() => near.ReadTimeout = 0);
    }

    [Fact]
    public void What_a_reader_holds_is_read_first()
    {
        using ISessionPair pair = Open();
        pair.Far.WriteAll("abc"u8, s_limit);
        Assert.Throws<StackException>(() => SessionReader.For(pair.Near).ReadExactly(4, TimeSpan.FromMilliseconds(100)));
        pair.Far.WriteAll("def"u8, s_limit);
        byte[] all = new byte[6];
        pair.Near.AsStream().ReadExactly(all);
        Assert.Equal("abcdef", Encoding.ASCII.GetString(all));
    }

    [Fact]
    public async Task Tls_runs_over_it()
    {
        using ISessionPair pair = Open();
        using X509Certificate2 certificate = MakeCertificate();
        using SslStream server = new(pair.Far.AsStream());
        using SslStream client = new(pair.Near.AsStream());
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(certificate),
            client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "peer",
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            })).WaitAsync(s_limit);
        byte[] data = RepeatableData.Make(500_000);
        byte[] got = new byte[data.Length];
        Task writing = client.WriteAsync(data).AsTask();
        await server.ReadExactlyAsync(got).AsTask().WaitAsync(s_limit);
        await writing;
        Assert.Equal(data, got);
        await client.ShutdownAsync().WaitAsync(s_limit);
        Assert.Equal(0, await server.ReadAsync(new byte[1]).AsTask().WaitAsync(s_limit));
    }

    [Fact]
    public async Task Conditions_are_waited_for_without_a_thread()
    {
        using ISessionPair pair = Open();
        Assert.True(await pair.Near.WaitForAsync(SessionCondition.Established, s_limit));
        Assert.False(await pair.Near.WaitForAsync(SessionCondition.Readable, TimeSpan.FromMilliseconds(30)));
        pair.Near.WriteAll(new byte[1000], s_limit);
        Assert.True(await pair.Near.WaitForAsync(SessionCondition.Drained, s_limit));
        Task<bool> finished = pair.Far.WaitForAsync(SessionCondition.PeerFinished, Timeout.InfiniteTimeSpan);
        Assert.False(finished.IsCompleted);
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(30));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => pair.Near.WaitForAsync(SessionCondition.Closed, Timeout.InfiniteTimeSpan, stop.Token));
        pair.Near.Shutdown();
        Assert.True(await finished.WaitAsync(s_limit));
        pair.Near.Abort();
        Assert.False(await pair.Far.WaitForAsync(SessionCondition.Writable, s_limit) && pair.Far.State == TcpState.Closed);
    }

    internal static X509Certificate2 MakeCertificate()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=peer", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}

/// <summary>Streams over sessions of stacks of ours.</summary>
public sealed class StackSessionStreamTests : SessionStreamTests
{
    protected override ISessionPair Open() => new StackPair();
}

/// <summary>Streams over sessions of the kernel's.</summary>
public sealed class KernelSessionStreamTests : SessionStreamTests
{
    protected override ISessionPair Open() => new KernelPair("127.0.0.1");
}

/// <summary>Streams in simulated time.</summary>
public sealed class VirtualSessionStreamTests
{
    [Fact]
    public async Task A_read_that_waits_moves_the_network()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.AsStream().Write("hello"u8);
        byte[] buffer = new byte[5];
        ValueTask<int> read = server.AsStream().ReadAsync(buffer);
        Assert.True(read.IsCompleted);
        Assert.Equal(5, await read);
        ValueTask written = server.AsStream().WriteAsync(new byte[2_000_000].AsMemory(0, 100));
        Assert.True(written.IsCompleted);
        await written;
        Assert.True(await client.WaitForAsync(SessionCondition.Readable, TimeSpan.FromSeconds(1)));
    }
}
