using System;
using TcpTools.Buffers;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>
/// Two stacks, a client and a server, on a wire, with pools of their own so that everything lent can be counted. What
/// impairs the wire does so once in each direction.
/// </summary>
internal sealed class Rig : IDisposable
{
    public const int Port = 80;

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public Rig(
        StackMode mode = StackMode.Virtual,
        ulong seed = 1,
        Impairment? impairment = null,
        PacketWireOptions? wire = null,
        Func<TcpStackOptions, TcpStackOptions>? client = null,
        Func<TcpStackOptions, TcpStackOptions>? server = null)
    {
        Wire = new PacketWire(wire);
        Clock = mode == StackMode.Threaded ? null : new VirtualClock();
        Client = StartStack("client", "10.9.0.1/24", Wire.A, seed, client);
        Server = StartStack("server", "10.9.0.2/24", Wire.B, seed + 1, server);

        TcpStack StartStack(string name, string address, ILink end, ulong stackSeed, Func<TcpStackOptions, TcpStackOptions>? change)
        {
            RandomSource random = RandomSource.FromSeed(stackSeed);
            ILink link = impairment is null || end != Wire.A ? end : new ImpairmentLink(end, impairment, random);
            TcpStackOptions options = new()
            {
                Name = name,
                Link = link,
                Addresses = [InterfaceAddress.Parse(address)],
                Mode = mode,
                Clock = Clock,
                Random = random,
                Buffers = Buffers,
                Slabs = Slabs,
            };
            return TcpStack.Start(change?.Invoke(options) ?? options);
        }
    }

    public PacketBufferPool Buffers { get; } = new();

    public SlabPool Slabs { get; } = new();

    public PacketWire Wire { get; }

    public VirtualClock? Clock { get; }

    public VirtualNetwork Network => Clock!.Network;

    public TcpStack Client { get; }

    public TcpStack Server { get; }

    public static NetworkAddress ServerAddress => NetworkAddress.Parse("10.9.0.2");

    public static NetworkAddress ClientAddress => NetworkAddress.Parse("10.9.0.1");

    public TcpListener Listen(int port = Port, int backlog = 128) =>
        Server.Listen(new ListenOptions { Port = port, Backlog = backlog });

    public TcpSession Connect(int port = Port, TcpSettings? settings = null) =>
        Client.Connect(new ConnectOptions { RemoteAddress = ServerAddress, RemotePort = port, Settings = settings });

    /// <summary>A connection that both sides have.</summary>
    public (TcpSession Client, TcpSession Server) Establish(int port = Port, TcpListener? listener = null)
    {
        TcpListener own = listener ?? Listen(port);
        TcpSession client = Connect(port);
        TcpSession? server = own.Accept(Limit);
        Assert.NotNull(server);
        Assert.True(client.WaitFor(SessionCondition.Established, Limit));
        if (listener is null)
        {
            own.Stop();
        }

        return (client, server);
    }

    /// <summary>Both stacks are as they were before anything was opened.</summary>
    public void AssertNothingLeft()
    {
        // What is still on the wire belongs to nobody yet.
        Clock?.Network.RunUntilIdle();
        foreach (TcpStack stack in new[] { Client, Server })
        {
            Assert.Empty(stack.Sessions);
            Assert.Equal(0, stack.PendingTimers);
            Assert.True(stack.NextDeadline.IsNever, $"{stack.Name} is to be moved at {stack.NextDeadline}");
        }

        Assert.Equal(0, Buffers.Outstanding);
        Assert.Equal(0, Slabs.Outstanding);
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        Wire.Dispose();
        Assert.Equal(0, Buffers.Outstanding);
        Assert.Equal(0, Slabs.Outstanding);
    }
}
