using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.Capture;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Replay;
using TcpTools.Stack;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Replay;

/// <summary>Records made by two stacks of ours, and a third one in the place of one of them.</summary>
internal static class Recording
{
    /// <summary>What passes between a client at 10.9.0.1 and a server at 10.9.0.2 while something happens.</summary>
    public static List<Packet> Make(Action<Rig> happen, PacketWireOptions? wire = null, Impairment? impairment = null)
    {
        MemoryCaptureSink sink = new();
        // Without segmentation by the link, packets are recorded as they are on a wire.
        using Rig rig = new(
            seed: 42,
            wire: wire ?? new PacketWireOptions { MaximumSegmentationLength = 0 },
            impairment: impairment,
            client: options => options with { Link = new CaptureTap(options.Link, sink) });
        happen(rig);
        rig.Network.Run(TimeSpan.FromSeconds(5));
        return [.. sink.ToList().Select((packet, i) => packet.ToFrame().Parse(i + 1))];
    }

    /// <summary>A whole small session: a question, an answer, both ends.</summary>
    public static List<Packet> Session(byte[] question, byte[] answer, PacketWireOptions? wire = null) => Make(
        rig =>
        {
            (TcpSession client, TcpSession server) = rig.Establish();
            client.WriteAll(question, Rig.Limit);
            Assert.True(rig.Network.RunUntil(() => server.Available == question.Length, Rig.Limit));
            Assert.Equal(question.Length, server.ReadSome(new byte[question.Length + 1], Rig.Limit));
            int sent = 0;
            int received = 0;
            byte[] buffer = new byte[65536];
            Assert.True(rig.Network.RunUntil(
                () =>
                {
                    sent += sent < answer.Length ? server.Write(answer.AsSpan(sent)) : 0;
                    received += client.Read(buffer);
                    return received == answer.Length;
                },
                Rig.Limit));
            server.Close();
            Assert.True(rig.Network.RunUntil(() => client.IsPeerFinished, Rig.Limit));
            client.Close();
            rig.Network.Run(TimeSpan.FromSeconds(1));
        },
        wire);

    public static Packet Segment(bool fromServer, TcpLayer segment, byte[]? data = null, int clientPort = 4000)
    {
        IPv4Layer ip = new()
        {
            Source = fromServer ? Rig.ServerAddress : Rig.ClientAddress,
            Destination = fromServer ? Rig.ClientAddress : Rig.ServerAddress,
        };
        segment.SourcePort = (ushort)(fromServer ? Rig.Port : clientPort);
        segment.DestinationPort = (ushort)(fromServer ? clientPort : Rig.Port);
        Packet packet = Packet.Of(ip) / Packet.Of(segment);
        return Packet.FromFrame((data is null ? packet : packet / data).ToBytes());
    }
}

/// <summary>A stack on a record, in simulated time.</summary>
internal sealed class ReplayRig : IDisposable
{
    private readonly PacketBufferPool _buffers = new();

    public ReplayRig(
        IEnumerable<Packet> record, bool asServer = false, ReplayPacing pacing = default, Func<TcpStackOptions, TcpStackOptions>? change = null)
    {
        NetworkAddress own = asServer ? Rig.ServerAddress : Rig.ClientAddress;
        Link = new PacketReplay(record, new ReplayOptions { Address = own, Pacing = pacing });
        TcpStackOptions options = new()
        {
            Link = Link,
            Addresses = [new InterfaceAddress(own, 24)],
            Mode = StackMode.Virtual,
            Random = RandomSource.FromSeed(7),
            Buffers = _buffers,
        };
        Stack = TcpStack.Start(change?.Invoke(options) ?? options);
    }

    public PacketReplay Link { get; }

    public TcpStack Stack { get; }

    public VirtualNetwork Network => Stack.Clock!.Network;

    public ReplayResult Result => Link.Compare();

    public IReadOnlyList<Packet> Sent => [.. Result.Steps.Select(s => s.Sent).OfType<Packet>()];

    public TcpSession Connect(int? port = null) =>
        Stack.Connect(new ConnectOptions { RemoteAddress = Rig.ServerAddress, RemotePort = Rig.Port, LocalPort = port });

    public TcpSession Open()
    {
        TcpSession session = Connect();
        Assert.True(session.WaitFor(SessionCondition.Established, Rig.Limit), Result.ToString());
        return session;
    }

    public bool RunUntil(Func<bool> condition) => Network.RunUntil(condition, Rig.Limit);

    public void Dispose()
    {
        Stack.Dispose();
        Assert.Equal(0, _buffers.Outstanding);
    }
}
