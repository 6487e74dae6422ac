using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Automata;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Automata;

/// <summary>An automaton in simulated time, with nothing around it but what a test hands over.</summary>
internal sealed class AutomatonRig : IAutomatonOutlet, IDisposable
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public AutomatonRig(AutomatonDefinition definition)
        : this(new PacketAutomaton(definition))
    {
    }

    public AutomatonRig(PacketAutomaton automaton)
    {
        Automaton = automaton;
        Runner = new AutomatonRunner(automaton, new AutomatonPlace(network: Network));
        automaton.Outlet = this;
    }

    public VirtualNetwork Network { get; } = new();

    public PacketAutomaton Automaton { get; }

    public AutomatonRunner Runner { get; }

    public List<Packet> Sent { get; } = [];

    public List<byte> Written { get; } = [];

    public static Packet Udp(string text, ushort port = 9) => new IPv4Layer
    {
        Source = NetworkAddress.Parse("10.0.0.1"),
        Destination = NetworkAddress.Parse("10.0.0.2"),
    }.AsPacket() / new UdpLayer { DestinationPort = port } / text;

    public AutomatonPause Run(double seconds = -1) => Runner.Run(TimeSpan.FromSeconds(seconds), CancellationToken.None);

    public AutomatonStep? Step() => Runner.Step(1000 * Second, CancellationToken.None);

    public void Send(Packet packet) => Sent.Add(packet);

    public void Write(ReadOnlyMemory<byte> data) => Written.AddRange(data.ToArray());

    public object?[] Outputs()
    {
        List<object?> all = [];
        while (Automaton.TryTakeOutput(out object? value))
        {
            all.Add(value);
        }

        return [.. all];
    }

    public string Way() => string.Join(' ', Automaton.Log.Select(move => move.To));

    public StackException AssertFailed(StackError error)
    {
        Assert.Equal(AutomatonStatus.Failed, Automaton.Status);
        StackException failure = Assert.IsType<StackException>(Automaton.Failure);
        Assert.Equal(error, failure.Error);
        return failure;
    }

    public void Dispose() => Runner.Dispose();
}

internal static class PacketMaking
{
    public static Packet AsPacket(this PacketLayer layer) => Packet.Of(layer);
}
