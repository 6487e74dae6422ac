using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// The options that TCP itself acts on, read from a header. Reading never fails: an option of the wrong length is passed
/// over, and one that claims to reach beyond the end ends the reading.
/// </summary>
internal struct SegmentOptions
{
    /// <summary>Blocks that an option of the largest size can hold.</summary>
    public const int MaximumSackBlocks = 4;

    /// <summary>Largest shift that is obeyed (RFC 7323, 2.3).</summary>
    public const byte MaximumWindowScale = 14;

    private const uint AlignedTimestamps = 0x0101080A;

    private Blocks _blocks;

    /// <summary>MSS (RFC 9293, 3.2), if present.</summary>
    public ushort? MaximumSegmentSize { get; private set; }

    /// <summary>Window shift (RFC 7323, 2.2), at most 14, if present.</summary>
    public byte? WindowScale { get; private set; }

    /// <summary>Whether SACK-permitted (RFC 2018, 2) is present.</summary>
    public bool SackPermitted { get; private set; }

    /// <summary>Whether timestamps (RFC 7323, 3.2) are present.</summary>
    public bool HasTimestamps { get; private set; }

    /// <summary>TSval.</summary>
    public uint TimestampValue { get; private set; }

    /// <summary>TSecr.</summary>
    public uint TimestampEcho { get; private set; }

    /// <summary>SACK blocks present.</summary>
    public int SackCount { get; private set; }

    /// <summary>The SACK blocks (RFC 2018, 3).</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<SackBlock> SackBlocks => ((ReadOnlySpan<SackBlock>)_blocks)[..SackCount];

    /// <summary>Reads the options of a header.</summary>
    public static SegmentOptions Parse(ReadOnlySpan<byte> options)
    {
        SegmentOptions result = default;

        // By far the commonest form: two NOPs and timestamps (RFC 7323, appendix A).
        if (options.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(options) == AlignedTimestamps)
        {
            result.SetTimestamps(options[4..]);
            options = options[12..];
        }

        while (options.Length > 0)
        {
            byte kind = options[0];
            if (kind == Kind.NoOperation)
            {
                options = options[1..];
                continue;
            }

            if (kind == Kind.End || options.Length < 2)
            {
                break;
            }

            int length = options[1];
            if (length < 2 || length > options.Length)
            {
                break;
            }

            result.Read(kind, options[2..length]);
            options = options[length..];
        }

        return result;
    }

    private void Read(byte kind, ReadOnlySpan<byte> data)
    {
        switch (kind)
        {
            case Kind.MaximumSegmentSize when data.Length == 2:
                MaximumSegmentSize = BinaryPrimitives.ReadUInt16BigEndian(data);
                break;
            case Kind.WindowScale when data.Length == 1:
                WindowScale = Math.Min(data[0], MaximumWindowScale);
                break;
            case Kind.SackPermitted when data.Length == 0:
                SackPermitted = true;
                break;
            case Kind.Timestamps when data.Length == 8:
                SetTimestamps(data);
                break;
            case Kind.Sack when data.Length % 8 == 0:
                ReadSack(data);
                break;
            default:
                break;
        }
    }

    private void ReadSack(ReadOnlySpan<byte> data)
    {
        for (; data.Length >= 8 && SackCount < MaximumSackBlocks; data = data[8..])
        {
            _blocks[SackCount++] = new SackBlock(
                new SequenceNumber(BinaryPrimitives.ReadUInt32BigEndian(data)),
                new SequenceNumber(BinaryPrimitives.ReadUInt32BigEndian(data[4..])));
        }
    }

    private void SetTimestamps(ReadOnlySpan<byte> data)
    {
        HasTimestamps = true;
        TimestampValue = BinaryPrimitives.ReadUInt32BigEndian(data);
        TimestampEcho = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
    }

    private static class Kind
    {
        public const byte End = 0;
        public const byte NoOperation = 1;
        public const byte MaximumSegmentSize = 2;
        public const byte WindowScale = 3;
        public const byte SackPermitted = 4;
        public const byte Sack = 5;
        public const byte Timestamps = 8;
    }

    [InlineArray(MaximumSackBlocks)]
    private struct Blocks
    {
        private SackBlock _first;
    }
}
