using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Forwarding;
using TcpTools.Lab;
using TcpTools.Sockets;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Forwarding;

/// <summary>Connections passed on, from the kernel by the kernel, by a stack of ours, and from a stack by the kernel.</summary>
public abstract class TcpForwarderTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private protected abstract ForwardPlace Open(Func<ForwarderOptions, ForwarderOptions>? change = null);

    [Fact]
    public void Data_goes_both_ways_and_ends_go_with_it()
    {
        using ForwardPlace place = Open();
        (TcpSession client, TcpSession server) = place.Connect();
        byte[] up = RepeatableData.Make(3_000_000);
        byte[] down = RepeatableData.Make(2_000_000);
        Task writing = Task.Run(() =>
        {
            client.WriteAll(up, s_limit);
            client.Shutdown();
        });
        byte[] got = SessionReader.For(server).ReadToEnd(s_limit);
        Assert.True(writing.Wait(s_limit));
        Assert.Equal(up, got);
        Assert.Equal(TcpState.CloseWait, server.State);
        // The other direction is still there.
        writing = Task.Run(() => server.WriteAll(down, s_limit));
        Assert.Equal(down, SessionReader.For(client).ReadExactly(down.Length, s_limit));
        Assert.True(writing.Wait(s_limit));
        server.Close();
        Assert.Equal(0, client.ReadSome(new byte[1], s_limit));
        client.Close();
        Assert.True(Tool.Until(() => place.Forwarder.Active == 0, s_limit));
        Assert.Equal((1, 0), (place.Forwarder.Accepted, place.Forwarder.Failed));
        Assert.Equal((up.Length, down.Length), (place.Forwarder.BytesToPeer, place.Forwarder.BytesToClient));
        Assert.True(server.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.Finished, server.CloseReason);
    }

    [Fact]
    public void A_reset_on_one_side_is_one_on_the_other()
    {
        using ForwardPlace place = Open();
        (TcpSession client, TcpSession server) = place.Connect();
        server.Abort();
        Assert.True(client.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.ResetByPeer, client.CloseReason);
        (client, server) = place.Connect();
        client.Shutdown();
        Assert.True(server.WaitFor(SessionCondition.PeerFinished, s_limit));
        client.Abort();
        // The reset may come while this is written.
        _ = Record.Exception(() => server.WriteAll(new byte[100_000], s_limit));
        Assert.True(server.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.ResetByPeer, server.CloseReason);
        Assert.True(Tool.Until(() => place.Forwarder.Active == 0, s_limit));
        Assert.Equal(2, place.Forwarder.Failed);
        Assert.NotEqual("", place.Forwarder.LastError);
    }

    [Fact]
    public void A_client_whose_peer_refuses_is_reset()
    {
        using ForwardPlace place = Open();
        place.StopServer();
        Assert.True(Tool.Until(() => place.RefusesAtServer, s_limit));
        using TcpSession client = place.OpenClient();
        Assert.True(client.WaitFor(SessionCondition.Closed, s_limit));
        Assert.True(Tool.Until(() => place.Forwarder.Failed == 1, s_limit));
        Assert.Contains("refused", place.Forwarder.LastError, StringComparison.Ordinal);
        Assert.Equal(0, place.Forwarder.Active);
    }

    [Fact]
    public void A_peer_that_does_not_read_holds_the_client_back()
    {
        using ForwardPlace place = Open();
        (TcpSession client, TcpSession server) = place.Connect();
        byte[] data = RepeatableData.Make(64_000_000);
        Task writing = Task.Run(() => client.WriteAll(data, s_limit));
        Assert.False(writing.Wait(500));
        Assert.True(Tool.Until(() => place.Forwarder.BytesToPeer > 0, s_limit));
        Assert.Equal(data, SessionReader.For(server).ReadExactly(data.Length, s_limit));
        Assert.True(writing.Wait(s_limit));
    }

    [Fact]
    public void Hundreds_of_connections_have_no_threads_of_their_own()
    {
        const int Count = 200;
        using ForwardPlace place = Open();
        (TcpSession Client, TcpSession Server)[] pairs = [.. Enumerable.Range(0, Count).Select(_ => place.Connect())];
        Assert.Equal(Count, place.Forwarder.Active);
        Assert.True(CountThreads() < Count / 2, "They have threads.");
        Parallel.ForEach(pairs, new ParallelOptions { MaxDegreeOfParallelism = 8 }, pair =>
        {
            byte[] mine = Encoding.ASCII.GetBytes($"I am {pair.Client.Id}");
            pair.Client.WriteAll(mine, s_limit);
            Assert.Equal(mine, SessionReader.For(pair.Server).ReadExactly(mine.Length, s_limit));
            pair.Server.WriteAll(mine, s_limit);
            pair.Server.Close();
            Assert.Equal(mine, SessionReader.For(pair.Client).ReadToEnd(s_limit));
            pair.Client.Close();
        });
        Assert.True(Tool.Until(() => place.Forwarder.Active == 0, s_limit));
        Assert.Equal(0, place.Forwarder.Failed);
    }

    private static int CountThreads() => Directory.GetDirectories("/proc/self/task").Count(static task =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("TcpTools", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    });

    [Fact]
    public void Stopping_resets_what_there_is_and_frees_the_port()
    {
        using ForwardPlace place = Open();
        (TcpSession client, TcpSession server) = place.Connect();
        place.Forwarder.Stop();
        Assert.False(place.Forwarder.IsRunning);
        Assert.True(client.WaitFor(SessionCondition.Closed, s_limit));
        Assert.True(server.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.ResetByPeer, client.CloseReason);
        using TcpSession late = place.OpenClient();
        Assert.False(late.WaitFor(SessionCondition.Established, s_limit));
        Assert.Empty(place.Forwarder.Connections);
        place.Forwarder.Stop();
    }

    [Fact]
    public void No_more_connections_than_allowed_are_there_at_once()
    {
        using ForwardPlace place = Open(o => o with { MaximumConnections = 1 });
        (TcpSession client, TcpSession server) = place.Connect();
        using TcpSession second = place.OpenClient();
        Assert.True(second.WaitFor(SessionCondition.Established, s_limit));
        Assert.Null(place.Accept(TimeSpan.FromMilliseconds(100)));
        client.Close();
        server.Close();
        Assert.NotNull(place.Accept(s_limit));
    }
}

/// <summary>From the kernel by the kernel.</summary>
public sealed class KernelForwarderTests : TcpForwarderTests
{
    private protected override ForwardPlace Open(Func<ForwarderOptions, ForwarderOptions>? change = null) => new(null, false, change);
}

/// <summary>From the kernel by a stack of ours.</summary>
public sealed class StackForwarderTests : TcpForwarderTests
{
    private protected override ForwardPlace Open(Func<ForwarderOptions, ForwarderOptions>? change = null) =>
        new(new Rig(StackMode.Threaded), false, change);
}

/// <summary>From a stack of ours by the kernel.</summary>
public sealed class ReverseForwarderTests : TcpForwarderTests
{
    private protected override ForwardPlace Open(Func<ForwarderOptions, ForwarderOptions>? change = null) =>
        new(new Rig(StackMode.Threaded), true, change);
}

/// <summary>A forwarder, where its clients come from and where its peer is.</summary>
internal sealed class ForwardPlace : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private static readonly NetworkAddress s_loopback = NetworkAddress.Parse("127.0.0.1");

    private readonly Rig? _rig;
    private readonly bool _isReverse;
    private readonly KernelListener? _kernelServer;
    private readonly TcpListener? _stackServer;

    public ForwardPlace(Rig? rig, bool isReverse, Func<ForwarderOptions, ForwarderOptions>? change)
    {
        _rig = rig;
        _isReverse = isReverse;
        ForwardTarget peer;
        if (rig is null || isReverse)
        {
            _kernelServer = KernelListener.Listen(s_loopback, 0);
            peer = new ForwardTarget(s_loopback, _kernelServer.Port);
        }
        else
        {
            _stackServer = rig.Listen(80, backlog: 1000);
            peer = new ForwardTarget(Rig.ServerAddress, 80, rig.Client);
        }

        ForwarderOptions options = new()
        {
            Listen = isReverse ? new ForwardTarget(default, 8080, rig!.Server) : new ForwardTarget(s_loopback, 0),
            Peer = peer,
        };
        Forwarder = TcpForwarder.Start(change?.Invoke(options) ?? options);
    }

    public TcpForwarder Forwarder { get; }

    public TcpSession OpenClient() => _isReverse
        ? _rig!.Connect(8080)
        : KernelSession.Connect(new KernelConnectOptions { RemoteAddress = s_loopback, RemotePort = Forwarder.Port });

    public TcpSession? Accept(TimeSpan limit) => _kernelServer is not null ? _kernelServer.Accept(limit) : _stackServer!.Accept(limit);

    public (TcpSession Client, TcpSession Server) Connect()
    {
        TcpSession client = OpenClient();
        Assert.True(client.WaitFor(SessionCondition.Established, s_limit));
        TcpSession? server = Accept(s_limit);
        Assert.NotNull(server);
        return (client, server);
    }

    /// <summary>
    /// Whether nobody listens at the server's port any more: a process that is started beside a test holds all sockets for a moment.
    /// </summary>
    public bool RefusesAtServer
    {
        get
        {
            if (_kernelServer is null)
            {
                return true;
            }

            using System.Net.Sockets.Socket probe = new(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            try
            {
                probe.Connect(System.Net.IPAddress.Loopback, _kernelServer.Port);
                return false;
            }
            catch (System.Net.Sockets.SocketException error)
            {
                return error.SocketErrorCode == System.Net.Sockets.SocketError.ConnectionRefused;
            }
        }
    }

    public void StopServer()
    {
        _kernelServer?.Stop();
        _stackServer?.Stop();
    }

    public void Dispose()
    {
        Forwarder.Dispose();
        StopServer();
        _rig?.Dispose();
    }
}
