using System;
using System.Net;
using TcpTools.Buffers;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>A stack of ours at 10.9.0.2 and, at the other end of a TUN device, a namespace's kernel at 10.9.0.1.</summary>
internal sealed class TunPair : IDisposable
{
    public const int Port = 5001;
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public TunPair(
        Func<ILink, ILink>? decorate = null, bool offload = true, TcpSettings? settings = null, params StackLayer[] layers)
    {
        Place = LabNamespace.Create();
        Buffers = new PacketBufferPool();
        Slabs = new SlabPool();
        TunLink tun = TunLink.Open(new TunOptions
        {
            NetworkNamespace = Place.Name,
            Address = InterfaceAddress.Parse("10.9.0.1/24"),
            Offload = offload,
            Pool = Buffers,
        });
        Device = tun.Name;
        Stack = TcpStack.Start(new TcpStackOptions
        {
            Link = decorate?.Invoke(tun) ?? tun,
            Addresses = [InterfaceAddress.Parse("10.9.0.2/24")],
            Tcp = settings ?? TcpSettings.For(TcpProfile.Linux),
            Buffers = Buffers,
            Slabs = Slabs,
            Layers = layers,
        });
    }

    public static IPAddress KernelAddress { get; } = IPAddress.Parse("10.9.0.1");

    public static IPAddress OwnAddress { get; } = IPAddress.Parse("10.9.0.2");

    public LabNamespace Place { get; }

    public TcpStack Stack { get; }

    public string Device { get; }

    /// <summary>The pools are this pair's own, so that what is out can be counted while other tests run.</summary>
    public PacketBufferPool Buffers { get; }

    public SlabPool Slabs { get; }

    public TcpSession Connect(int port = Port)
    {
        TcpSession session = Stack.Connect(
            new ConnectOptions { RemoteAddress = NetworkAddress.From(KernelAddress), RemotePort = port });
        Assert.True(session.WaitFor(SessionCondition.Established, Limit), $"not established: {session.CloseReason}");
        return session;
    }

    public KernelServer Serve(Action<System.Net.Sockets.Socket> serve, bool onOneThread = false) =>
        Place.Adopt(KernelServer.Start(Place, KernelAddress, Port, serve, onOneThread));

    /// <summary>Stops the stack and asserts that nothing of it is left.</summary>
    public void AssertNothingLeft()
    {
        Assert.True(Tool.Until(() => Stack.Sessions.Count == 0, Limit), $"{Stack.Sessions.Count} sessions left");
        Assert.Equal(0, Stack.PendingTimers);
        Assert.True(Tool.Until(() => Slabs.Outstanding == 0, Limit), $"{Slabs.Outstanding} slabs left");
        Stack.Stop();
        Assert.Equal(0, Buffers.Outstanding);
    }

    public void Dispose()
    {
        Stack.Dispose();
        Place.Dispose();
    }
}
