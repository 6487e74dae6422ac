using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>What kind of segment options are written for.</summary>
public enum OptionPlace
{
    /// <summary>A SYN.</summary>
    Syn,

    /// <summary>A SYN with an ACK.</summary>
    SynAck,

    /// <summary>A segment with data, or a FIN.</summary>
    Data,

    /// <summary>A segment without data.</summary>
    Ack,
}

/// <summary>
/// Decides which options stand in the headers of a connection, in which order and how padded: no matter of the protocol but of each system's
/// habit, which fingerprints read.
/// </summary>
/// <remarks>
/// <para>What a SYN leaves out is not agreed on, and what it says is what the connection goes by: a layout that writes no window
/// scale, or another shift, changes how the connection behaves. Options that the connection knows nothing of are just sent.</para>
/// <para>It is called for each segment, under the lock of the stack, and should allocate nothing. What does not fit into the room
/// is left out; the end is padded to a multiple of 4 bytes. How long the options of a segment with data are is asked once, and the segments
/// are cut accordingly: they have no more room later. What it throws is counted (<see cref="TcpServices.Errors"/>),
/// and the layout of the profile takes its place.</para>
/// </remarks>
public interface ITcpOptionLayout
{
    /// <summary>The layout's name, in lower case.</summary>
    string Name { get; }

    /// <summary>Writes the options of one segment.</summary>
    void Write(ref TcpOptionWriter writer, in TcpOptionContent content);
}

/// <summary>What the options of one segment have to say.</summary>
public readonly ref struct TcpOptionContent
{
    /// <summary>What kind of segment it is.</summary>
    public OptionPlace Place { get; init; }

    /// <summary>Whether it is a SYN, with an ACK or without.</summary>
    public bool IsSyn => Place is OptionPlace.Syn or OptionPlace.SynAck;

    /// <summary>RFC 9293, 3.7.1, in bytes; 0 behind the handshake.</summary>
    public ushort MaximumSegmentSize { get; init; }

    /// <summary>The shift to announce (RFC 7323, 2.2); null to announce none.</summary>
    public byte? WindowScale { get; init; }

    /// <summary>Whether selective acknowledgments are offered (RFC 2018, 2).</summary>
    public bool SackPermitted { get; init; }

    /// <summary>Whether timestamps are offered or agreed on (RFC 7323, 3).</summary>
    public bool HasTimestamps { get; init; }

    /// <summary>TSval.</summary>
    public uint TimestampValue { get; init; }

    /// <summary>TSecr.</summary>
    public uint TimestampEcho { get; init; }

    /// <summary>The blocks to report (RFC 2018, 3), the most important first.</summary>
    public ReadOnlySpan<SackBlock> SackBlocks { get; init; }
}
