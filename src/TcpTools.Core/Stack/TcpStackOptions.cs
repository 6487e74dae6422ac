using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Links;
using TcpTools.Neighbors;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>What a stack is made from. The stack owns the link from then on.</summary>
public sealed record TcpStackOptions
{
    /// <summary>A name for people; by default made from the stack's number.</summary>
    public string? Name { get; init; }

    /// <summary>Where frames come from and go to: of the medium <see cref="LinkMedium.IP"/>, or Ethernet, where the stack speaks ARP too.</summary>
    public required ILink Link { get; init; }

    /// <summary>Whether <see cref="TcpStack.Stop"/> disposes the link.</summary>
    public bool DisposeLink { get; init; } = true;

    /// <summary>The stack's own addresses, each with the length of its network's prefix. At least one.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses { get; init; } = [];

    /// <summary>The next hop for destinations outside the addresses' networks; without it they have no route.</summary>
    public NetworkAddress? Gateway { get; init; }

    /// <summary>The stack's own Ethernet address; by default one made up, locally administered. Only for Ethernet links.</summary>
    public MacAddress? HardwareAddress { get; init; }

    /// <summary>How neighbours are found and addresses claimed on an Ethernet link.</summary>
    public NeighborSettings Neighbors { get; init; } = NeighborSettings.Default;

    /// <summary>How connections behave unless they say otherwise.</summary>
    public TcpSettings Tcp { get; init; } = TcpSettings.For(TcpProfile.Linux);

    /// <summary>How the IP layer behaves; the MTU is the link's where that is smaller.</summary>
    public IPSettings IP { get; init; } = IPSettings.Default with { Mtu = 65535 };

    /// <summary>Where random choices come from; seeded, a run repeats itself exactly.</summary>
    public RandomSource Random { get; init; } = RandomSource.System;

    /// <summary>Who moves the stack.</summary>
    public StackMode Mode { get; init; } = StackMode.Threaded;

    /// <summary>
    /// Whether what users ask for in manual mode (opening, writing, finishing, closing) waits for a step of its own, so that
    /// it can be seen to happen. Reading and accepting happen at once.
    /// </summary>
    public bool DefersCalls { get; init; }

    /// <summary>
    /// The simulated clock, and with it the network, that the stack belongs to. Needed for <see cref="StackMode.Virtual"/>
    /// (without it the stack gets a network of its own), possible for <see cref="StackMode.Manual"/>.
    /// </summary>
    public VirtualClock? Clock { get; init; }

    /// <summary>The clock of a stack in real time.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Whether every TCP segment is recorded in <see cref="TcpStack.Trace"/>.</summary>
    public bool Trace { get; init; }

    /// <summary>How many segments the trace keeps; the oldest make room for new ones.</summary>
    public int TraceCapacity { get; init; } = 4096;

    /// <summary>What becomes of segments for ports that nobody holds.</summary>
    public UnclaimedPortPolicy UnclaimedPorts { get; init; } = UnclaimedPortPolicy.Reset;

    /// <summary>The lowest port chosen for a connection that names none (RFC 6056, 3.2: the range should be large).</summary>
    public int FirstEphemeralPort { get; init; } = 1024;

    /// <summary>The highest port chosen for a connection that names none.</summary>
    public int LastEphemeralPort { get; init; } = 65535;

    /// <summary>Chooses the port of a connection that names none; null: RFC 6056's double hash, in the range above.</summary>
    public IPortSelector? PortSelection { get; init; }

    /// <summary>
    /// Layers of one's own, the one nearest to TCP first; each says itself whether it stands above or below IP. They belong to the stack until it
    /// stops. With layers, the stack leaves no work to the link: packets are as on the wire.
    /// </summary>
    public IReadOnlyList<StackLayer> Layers { get; init; } = [];

    /// <summary>How many connections may exist at once, TIME-WAIT included; more are refused.</summary>
    public int MaximumSessions { get; init; } = 65536;

    /// <summary>How many connections may be in TIME-WAIT; the oldest are ended early beyond that.</summary>
    public int MaximumTimeWait { get; init; } = 16384;

    /// <summary>How many frames wait for a link whose queue is full before further ones are dropped.</summary>
    public int OutputQueueLimit { get; init; } = 1000;

    /// <summary>How soon a link whose queue was full is tried again.</summary>
    public TimeSpan OutputRetryInterval { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// How many frames that wait on the link are processed before acknowledgments go out, in threaded mode: one
    /// acknowledgment answers a batch. Step by step and in virtual time each frame is answered by itself.
    /// </summary>
    public int ReceiveBatch { get; init; } = 16;

    /// <summary>Where packet buffers come from.</summary>
    public PacketBufferPool Buffers { get; init; } = PacketBufferPool.Shared;

    /// <summary>Where the bytes of connections are kept.</summary>
    public SlabPool Slabs { get; init; } = SlabPool.Shared;
}

/// <summary>What to connect to, and from where.</summary>
public sealed record ConnectOptions
{
    /// <summary>The peer's address.</summary>
    public required NetworkAddress RemoteAddress { get; init; }

    /// <summary>The peer's port, 1 to 65535.</summary>
    public required int RemotePort { get; init; }

    /// <summary>One of the stack's own addresses; by default the one that routing prefers.</summary>
    public NetworkAddress? LocalAddress { get; init; }

    /// <summary>The local port; by default a free one chosen as RFC 6056 recommends.</summary>
    public int? LocalPort { get; init; }

    /// <summary>How this connection behaves; by default as the stack's options say.</summary>
    public TcpSettings? Settings { get; init; }

    /// <summary>Data to write at once; it goes out as soon as the handshake allows.</summary>
    public ReadOnlyMemory<byte> InitialData { get; init; }
}

/// <summary>Where to listen.</summary>
public sealed record ListenOptions
{
    /// <summary>One of the stack's own addresses; by default all of them.</summary>
    public NetworkAddress? LocalAddress { get; init; }

    /// <summary>The port, 1 to 65535, or 0 for a free one.</summary>
    public required int Port { get; init; }

    /// <summary>How many complete connections may wait to be accepted.</summary>
    public int Backlog { get; init; } = 128;

    /// <summary>
    /// Whether a SYN for which there is no room is answered with a reset. By default it is dropped, as a kernel does, and the
    /// peer tries again.
    /// </summary>
    public bool ResetsWhenFull { get; init; }

    /// <summary>How accepted connections behave; by default as the stack's options say.</summary>
    public TcpSettings? Settings { get; init; }
}
