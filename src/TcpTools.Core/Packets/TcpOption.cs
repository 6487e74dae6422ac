using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// One TCP option: a value, never changed, that keeps its exact bytes. Options known here have a class of their own;
/// others, and those of a length their kind cannot have, are an <see cref="UnknownTcpOption"/>.
/// </summary>
public abstract class TcpOption : IEquatable<TcpOption>, IRawOption
{
    private byte[]? _raw;

    private protected TcpOption(byte[] raw) => _raw = raw;

    /// <summary>An option that has its value in fields, and overrides length and writing.</summary>
    private protected TcpOption()
    {
    }

    /// <summary>The option's kind: <see cref="TcpOptionKind"/>.</summary>
    public byte Kind => WireField.Read8(Raw, 0);

    /// <summary>The option's usual short name.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes on the wire.</summary>
    public int Length => RawLength;

    /// <summary>The bytes after kind and length.</summary>
    public byte[] Data => Raw.Length > 2 ? Raw[2..] : [];

    /// <summary>The option's bytes; nobody may change them.</summary>
    internal byte[] Raw
    {
        get
        {
            if (_raw is null)
            {
                byte[] raw = new byte[RawLength];
                WriteRaw(raw);
                _raw = raw;
            }

            return _raw;
        }
    }

    /// <summary>Bytes on the wire.</summary>
    internal virtual int RawLength => Raw.Length;

    byte[] IRawOption.Raw => Raw;

    int IRawOption.RawLength => RawLength;

    /// <summary>Takes one option apart, whose length is that of the bytes.</summary>
    public static TcpOption FromBytes(ReadOnlySpan<byte> bytes)
    {
        byte kind = WireField.Read8(bytes, 0);
        if (bytes.IsEmpty || !TcpOptionKind.IsLengthPlausible(kind, bytes.Length) || (kind > 1 && bytes[1] != bytes.Length))
        {
            return new UnknownTcpOption(bytes.ToArray());
        }

        // The frequent ones have all they are in fields; the others keep their bytes.
        switch (kind)
        {
            case TcpOptionKind.End:
                return TcpEndOption.Instance;
            case TcpOptionKind.NoOperation:
                return TcpNoOperationOption.Instance;
            case TcpOptionKind.MaximumSegmentSize:
                return new TcpMaximumSegmentSizeOption(WireField.Read16(bytes, 2));
            case TcpOptionKind.WindowScale:
                return new TcpWindowScaleOption(bytes[2]);
            case TcpOptionKind.SackPermitted:
                return TcpSackPermittedOption.Instance;
            case TcpOptionKind.Timestamps:
                return new TcpTimestampsOption(WireField.Read32(bytes, 2), WireField.Read32(bytes, 6));
        }

        RawOption raw = new(bytes.ToArray());
        return kind switch
        {
            TcpOptionKind.Sack => new TcpSackOption(raw),
            TcpOptionKind.AlternateChecksumRequest => new TcpAlternateChecksumRequestOption(raw),
            TcpOptionKind.AlternateChecksumData => new TcpAlternateChecksumOption(raw),
            TcpOptionKind.Mood => new TcpMoodOption(raw),
            TcpOptionKind.Md5Signature => new TcpMd5SignatureOption(raw),
            TcpOptionKind.UserTimeout => new TcpUserTimeoutOption(raw),
            TcpOptionKind.Authentication => new TcpAuthenticationOption(raw),
            TcpOptionKind.Multipath => new TcpMultipathOption(raw),
            TcpOptionKind.FastOpen => new TcpFastOpenOption(raw),
            TcpOptionKind.Experimental2 when WireField.Read16(bytes, 2) == TcpOptionKind.FastOpenExperiment
                => new TcpFastOpenOption(raw),
            TcpOptionKind.AccurateEcn0 or TcpOptionKind.AccurateEcn1 => new TcpAccurateEcnOption(raw),
            _ => new UnknownTcpOption(raw.Bytes),
        };
    }

    /// <summary>Reads an option as tcpdump prints it, such as <c>mss 1460</c> or <c>TS val 1 ecr 0</c>.</summary>
    /// <exception cref="FormatException">The text is no option.</exception>
    public static TcpOption Parse(string text) => TcpOptionText.Parse(text);

    /// <summary>A copy of the option's bytes.</summary>
    public byte[] ToBytes() => [.. Raw];

    void IRawOption.WriteRaw(Span<byte> bytes) => WriteRaw(bytes);

    /// <summary>Writes the option's bytes to the start of a span.</summary>
    internal virtual void WriteRaw(Span<byte> bytes) => Raw.CopyTo(bytes);

    /// <inheritdoc/>
    public bool Equals(TcpOption? other) => other is not null && Raw.AsSpan().SequenceEqual(other.Raw);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TcpOption);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Raw);
        return hash.ToHashCode();
    }

    /// <summary>The option as tcpdump prints it; <see cref="Parse"/> reads it again.</summary>
    public abstract override string ToString();
}

/// <summary>An option unknown here, or of a length that its kind cannot have, or bytes that are no option at all.</summary>
public sealed class UnknownTcpOption : TcpOption
{
    /// <summary>Bytes as they are: kind, length and data, or anything.</summary>
    public UnknownTcpOption(byte[] raw)
        : base([.. raw])
    {
    }

    /// <summary>An option of any kind with this data.</summary>
    public UnknownTcpOption(byte kind, byte[] data)
        : base(OptionBytes.Make(kind, data))
    {
    }

    /// <inheritdoc/>
    public override string Name => Raw.Length == 0 ? "empty" : $"unknown-{Kind}";

    /// <inheritdoc/>
    public override string ToString() =>
        Raw.Length >= 2 && Raw[1] == Raw.Length && Kind > 1
            ? $"unknown-{Kind} 0x{OptionBytes.Hex(Data)}"
            : $"bytes 0x{OptionBytes.Hex(Raw)}";
}
