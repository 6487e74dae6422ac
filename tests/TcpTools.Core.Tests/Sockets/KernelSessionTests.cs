using System;
using System.Linq;
using System.Threading.Tasks;
using TcpTools.Lab;
using TcpTools.Sockets;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Sockets;

/// <summary>Sessions of the kernel's over the loopback device.</summary>
public sealed class KernelSessionPairTests : SessionPairTests
{
    protected override ISessionPair Open() => new KernelPair("127.0.0.1");
}

/// <summary>The same over IPv6.</summary>
public sealed class KernelSessionIPv6PairTests : SessionPairTests
{
    protected override ISessionPair Open() => new KernelPair("::1");
}

/// <summary>What only sessions of the kernel's have.</summary>
public sealed class KernelSessionTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void It_has_no_stack_and_no_settings_and_tells_its_listener()
    {
        using KernelPair pair = new("127.0.0.1");
        Assert.Null(pair.Near.Stack);
        Assert.Null(pair.Near.Listener);
        Assert.Null(pair.Near.Settings);
        Assert.Null(((KernelSession)pair.Near).KernelListener);
        Assert.Equal(pair.Listener, ((KernelSession)pair.Far).KernelListener);
    }

    [Fact]
    public void The_socket_goes_when_the_peer_has_acknowledged_the_end()
    {
        using KernelPair pair = new("127.0.0.1");
        KernelSession near = (KernelSession)pair.Near;
        KernelSession far = (KernelSession)pair.Far;
        near.Close();
        Assert.True(near.WaitFor(TcpState.FinWait2, s_limit));
        Assert.False(near.IsReleased);
        far.Close();
        Assert.True(Tool.Until(() => near.IsReleased && far.IsReleased, s_limit));
        Assert.Equal(TcpState.Closed, near.State);
        Assert.Equal(TcpCloseReason.Finished, near.Info.CloseReason);
    }

    [Fact]
    public void What_was_asked_for_in_syn_sent_happens_when_it_is_open()
    {
        using KernelPair pair = new("127.0.0.1");
        using KernelSession session = KernelSession.Connect(new KernelConnectOptions
        {
            RemoteAddress = NetworkAddress.Parse("127.0.0.1"),
            RemotePort = pair.Listener.Port,
        });
        session.Shutdown();
        using KernelSession far = pair.Listener.Accept(s_limit)!;
        Assert.Equal(0, far.ReadSome(new byte[1], s_limit));
    }

    [Theory]
    [InlineData("127.0.0.1", 0, StackError.InvalidArgument)]
    [InlineData("224.0.0.1", 80, StackError.InvalidArgument)]
    [InlineData("0.0.0.0", 80, StackError.InvalidArgument)]
    [InlineData("255.255.255.255", 80, StackError.InvalidArgument)]
    public void What_cannot_be_connected_to_is_refused_before(string address, int port, StackError error)
    {
        StackException refusal = Assert.Throws<StackException>(() => KernelSession.Connect(new KernelConnectOptions
        {
            RemoteAddress = NetworkAddress.Parse(address),
            RemotePort = port,
        }));
        Assert.Equal(error, refusal.Error);
    }

    [Fact]
    public void A_foreign_local_address_and_a_port_in_use_are_told()
    {
        using KernelPair pair = new("127.0.0.1");
        KernelConnectOptions options = new()
        {
            RemoteAddress = NetworkAddress.Parse("127.0.0.1"),
            RemotePort = pair.Listener.Port,
        };
        Assert.Equal(StackError.NoRoute, Assert.Throws<StackException>(
            () => KernelSession.Connect(options with { LocalAddress = NetworkAddress.Parse("192.0.2.77") })).Error);
        Assert.Equal(StackError.AddressInUse, Assert.Throws<StackException>(
            () => KernelSession.Connect(options with { LocalPort = pair.Listener.Port })).Error);
        Assert.Equal(StackError.AddressInUse, Assert.Throws<StackException>(
            () => KernelListener.Listen(NetworkAddress.Parse("127.0.0.1"), pair.Listener.Port)).Error);
    }

    [Fact]
    public void A_stopped_listener_accepts_no_more_and_says_so()
    {
        KernelListener listener = KernelListener.Listen(NetworkAddress.Parse("127.0.0.1"), 0);
        Assert.Null(listener.Accept(TimeSpan.FromMilliseconds(20)));
        Task<Exception?> accepting = Task.Run<Exception?>(() => Record.Exception(() => listener.Accept(s_limit)));
        Assert.False(accepting.Wait(TimeSpan.FromMilliseconds(50)));
        listener.Stop();
        Assert.True(accepting.Wait(s_limit));
        Assert.Equal(StackError.SessionClosed, Assert.IsType<StackException>(accepting.Result).Error);
        Assert.False(listener.IsListening);
    }

    [Fact]
    public void Hundreds_at_once_leave_nothing()
    {
        using KernelListener listener = KernelListener.Listen(NetworkAddress.Parse("127.0.0.1"), 0);
        KernelSession[] near = [.. Enumerable.Range(0, 300).Select(_ => KernelSession.Connect(new KernelConnectOptions
        {
            RemoteAddress = listener.Address,
            RemotePort = listener.Port,
        }))];
        KernelSession[] far = [.. near.Select(_ => listener.Accept(s_limit)!)];
        Assert.All(near, session => session.WriteAll([7], s_limit));
        Assert.All(far, session => Assert.Equal(1, session.ReadSome(new byte[2], s_limit)));
        Assert.All(near, session => session.Close());
        Assert.All(far, session => session.Close());
        Assert.True(Tool.Until(() => near.Concat(far).All(session => session.IsReleased), s_limit));
        Assert.All(far, session => Assert.Equal(TcpCloseReason.Finished, session.CloseReason));
    }
}

/// <summary>Both ends of a connection of the kernel's.</summary>
internal sealed class KernelPair : ISessionPair
{
    public KernelPair(string address)
    {
        Listener = KernelListener.Listen(NetworkAddress.Parse(address), 0);
        Near = KernelSession.Connect(new KernelConnectOptions { RemoteAddress = Listener.Address, RemotePort = Listener.Port });
        Far = Listener.Accept(TimeSpan.FromSeconds(10))!;
        Assert.True(Near.WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(10)));
    }

    public KernelListener Listener { get; }

    public TcpSession Near { get; }

    public TcpSession Far { get; }

    public TcpSession OpenToNobody()
    {
        using KernelListener gone = KernelListener.Listen(Listener.Address, 0);
        int port = gone.Port;
        gone.Stop();
        return KernelSession.Connect(new KernelConnectOptions { RemoteAddress = Listener.Address, RemotePort = port });
    }

    public void Dispose()
    {
        Near.Abort();
        Far.Abort();
        Listener.Dispose();
    }
}
