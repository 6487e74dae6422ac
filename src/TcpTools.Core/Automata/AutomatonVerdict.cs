using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Automata;

/// <summary>What becomes of an intercepted packet.</summary>
public sealed class AutomatonVerdict
{
    private AutomatonVerdict(bool isAccepted, IReadOnlyList<Packet>? replacements)
    {
        IsAccepted = isAccepted;
        Replacements = replacements;
    }

    /// <summary>It is sent as it is.</summary>
    public static AutomatonVerdict Accept { get; } = new(true, null);

    /// <summary>It is not sent, and the automaton does not know.</summary>
    public static AutomatonVerdict Reject { get; } = new(false, null);

    /// <summary>Whether it is sent as it is.</summary>
    public bool IsAccepted { get; }

    /// <summary>What is sent instead; null where nothing is.</summary>
    public IReadOnlyList<Packet>? Replacements { get; }

    /// <summary>Others are sent instead.</summary>
    public static AutomatonVerdict Replace(params IEnumerable<Packet> packets)
    {
        ArgumentNullException.ThrowIfNull(packets);
        return new AutomatonVerdict(false, [.. packets]);
    }

    /// <summary>The verdict in a word.</summary>
    public override string ToString() => IsAccepted ? "accepted" : Replacements is null ? "rejected" : "replaced";

    internal IEnumerable<Packet> Apply(Packet packet) => IsAccepted ? [packet] : Replacements ?? Enumerable.Empty<Packet>();
}
