using System;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The request for another checksum (RFC 1146, obsolete by RFC 6247).</summary>
public sealed class TcpAlternateChecksumRequestOption : TcpOption
{
    /// <summary>0 for TCP's own, 1 and 2 for Fletcher's of 8 and 16 bits.</summary>
    public TcpAlternateChecksumRequestOption(byte algorithm)
        : base(OptionBytes.Make(TcpOptionKind.AlternateChecksumRequest, [algorithm]))
    {
    }

    internal TcpAlternateChecksumRequestOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <inheritdoc/>
    public override string Name => "altckreq";

    /// <summary>Which checksum.</summary>
    public byte Algorithm => WireField.Read8(Raw, 2);

    /// <inheritdoc/>
    public override string ToString() => $"altckreq {Algorithm}";
}

/// <summary>Another checksum than TCP's own, where it has no room in the header (RFC 1146, obsolete by RFC 6247).</summary>
public sealed class TcpAlternateChecksumOption : TcpOption
{
    /// <summary>The checksum's bytes.</summary>
    public TcpAlternateChecksumOption(byte[] checksum)
        : base(OptionBytes.Make(TcpOptionKind.AlternateChecksumData, checksum))
    {
    }

    internal TcpAlternateChecksumOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <inheritdoc/>
    public override string Name => "altck";

    /// <summary>The checksum's bytes.</summary>
    public byte[] Checksum => Data;

    /// <inheritdoc/>
    public override string ToString() => $"altck 0x{OptionBytes.Hex(Data)}";
}

/// <summary>The mood that the sender is in (RFC 5841).</summary>
public sealed class TcpMoodOption : TcpOption
{
    /// <summary>A mood as characters of ASCII, such as <c>:)</c>.</summary>
    public TcpMoodOption(string mood)
        : this(Encoding.Latin1.GetBytes(mood))
    {
    }

    /// <summary>A mood as bytes.</summary>
    public TcpMoodOption(byte[] mood)
        : base(OptionBytes.Make(TcpOptionKind.Mood, mood))
    {
    }

    internal TcpMoodOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <inheritdoc/>
    public override string Name => "mood";

    /// <summary>The mood.</summary>
    public string Mood => Encoding.Latin1.GetString(Data);

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    internal static TcpMoodOption FromText(string word) => word.StartsWith("0x", StringComparison.Ordinal)
        ? new(Convert.FromHexString(word.AsSpan(2)))
        : new(word);

    /// <summary>The mood where it is printable, else its bytes.</summary>
    public override string ToString()
    {
        bool isPrintable = Raw.Length > 2 && !Mood.StartsWith("0x", StringComparison.Ordinal);
        foreach (char c in Mood)
        {
            isPrintable &= c is > ' ' and < (char)0x7F and not ',';
        }

        return isPrintable ? $"mood {Mood}" : $"mood 0x{OptionBytes.Hex(Data)}";
    }
}
