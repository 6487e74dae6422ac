using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The end of the option list (RFC 9293, 3.2).</summary>
public sealed class TcpEndOption : TcpOption
{
    private TcpEndOption()
        : base([TcpOptionKind.End])
    {
    }

    /// <summary>The one value there is.</summary>
    public static TcpEndOption Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "eol";

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>No operation: filling between options (RFC 9293, 3.2).</summary>
public sealed class TcpNoOperationOption : TcpOption
{
    private TcpNoOperationOption()
        : base([TcpOptionKind.NoOperation])
    {
    }

    /// <summary>The one value there is.</summary>
    public static TcpNoOperationOption Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "nop";

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Maximum segment size (RFC 9293, 3.2).</summary>
public sealed class TcpMaximumSegmentSizeOption : TcpOption
{
    /// <summary>So many bytes of data.</summary>
    public TcpMaximumSegmentSizeOption(ushort value) => Value = value;

    /// <inheritdoc/>
    public override string Name => "mss";

    /// <summary>Bytes of data that the sender can receive in a segment.</summary>
    public ushort Value { get; }

    internal override int RawLength => 4;

    internal override void WriteRaw(Span<byte> bytes) =>
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ((uint)TcpOptionKind.MaximumSegmentSize << 24) | (4 << 16) | Value);

    /// <inheritdoc/>
    public override string ToString() => $"mss {Value}";
}

/// <summary>Window scale (RFC 7323, 2.2).</summary>
public sealed class TcpWindowScaleOption : TcpOption
{
    /// <summary>A shift by so many bits.</summary>
    public TcpWindowScaleOption(byte shift) => Shift = shift;

    /// <inheritdoc/>
    public override string Name => "wscale";

    /// <summary>Bits by which the sender's windows are shifted; more than 14 counts as 14 (RFC 7323, 2.3).</summary>
    public byte Shift { get; }

    internal override int RawLength => 3;

    internal override void WriteRaw(Span<byte> bytes)
    {
        bytes[2] = Shift;
        bytes[1] = 3;
        bytes[0] = TcpOptionKind.WindowScale;
    }

    /// <inheritdoc/>
    public override string ToString() => $"wscale {Shift}";
}

/// <summary>SACK permitted (RFC 2018, 2).</summary>
public sealed class TcpSackPermittedOption : TcpOption
{
    /// <summary>The option.</summary>
    public TcpSackPermittedOption()
        : base([TcpOptionKind.SackPermitted, 2])
    {
    }

    /// <summary>A value to be shared.</summary>
    internal static TcpSackPermittedOption Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "sackOK";

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Selective acknowledgment (RFC 2018, 3).</summary>
public sealed class TcpSackOption : TcpOption
{
    /// <summary>These blocks; at most four fit into a header.</summary>
    public TcpSackOption(params IEnumerable<SackBlock> blocks)
        : base(Encode([.. blocks]))
    {
    }

    internal TcpSackOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <inheritdoc/>
    public override string Name => "sack";

    /// <summary>The runs of bytes that have arrived.</summary>
    public IReadOnlyList<SackBlock> Blocks =>
    [
        .. Enumerable.Range(0, (Raw.Length - 2) / SackBlock.Size).Select(i => new SackBlock(
            new(WireField.Read32(Raw, 2 + (8 * i))), new(WireField.Read32(Raw, 6 + (8 * i))))),
    ];

    /// <inheritdoc/>
    public override string ToString() =>
        $"sack {Blocks.Count} {string.Concat(Blocks.Select(block => $"{{{block.Left}:{block.Right}}}"))}";

    private static byte[] Encode(SackBlock[] blocks)
    {
        byte[] raw = new byte[2 + (blocks.Length * SackBlock.Size)];
        raw[0] = TcpOptionKind.Sack;
        raw[1] = (byte)Math.Min(raw.Length, byte.MaxValue);
        for (int i = 0; i < blocks.Length; i++)
        {
            WireField.Write32(raw, 2 + (8 * i), blocks[i].Left.Value);
            WireField.Write32(raw, 6 + (8 * i), blocks[i].Right.Value);
        }

        return raw;
    }
}

/// <summary>Timestamps (RFC 7323, 3.2).</summary>
public sealed class TcpTimestampsOption : TcpOption
{
    /// <summary>TSval and TSecr.</summary>
    public TcpTimestampsOption(uint value, uint echo)
    {
        Value = value;
        Echo = echo;
    }

    /// <inheritdoc/>
    public override string Name => "TS";

    /// <summary>TSval: the sender's clock.</summary>
    public uint Value { get; }

    /// <summary>TSecr: the receiver's clock as the sender last saw it.</summary>
    public uint Echo { get; }

    internal override int RawLength => 10;

    internal override void WriteRaw(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes[6..], Echo);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], Value);
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (TcpOptionKind.Timestamps << 8) | 10);
    }

    /// <inheritdoc/>
    public override string ToString() => $"TS val {Value} ecr {Echo}";
}
