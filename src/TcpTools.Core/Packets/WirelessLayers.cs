using System;
using System.Buffers.Binary;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A header that is kept as its bytes, with properties that look into them.</summary>
public abstract class RawHeaderLayer : PacketLayer
{
    private protected RawHeaderLayer(byte[] header) => Header = header;

    /// <summary>The header's bytes; whoever changes them changes the packet.</summary>
    public byte[] Header { get; set => field = value ?? []; }

    internal override int FixedLength => 0;

    internal override int BodyLength => Header.Length;

    internal override void WriteBody(Span<byte> body) => Header.CopyTo(body);

    internal override void Write(in LayerPlace place)
    {
    }

    private protected override void Detach() => Header = [.. Header];

    /// <summary>Writes a word with its least byte first.</summary>
    private protected void Write16(int offset, ushort value) =>
        WireField.Write16(Header, offset, BinaryPrimitives.ReverseEndianness(value));
}

/// <summary>
/// The header of a frame of IEEE 802.11; bytes that fill it up to a multiple of 4 belong to it. As it is made, it is that
/// of a data frame from an access point. The frame's check sequence, where a capture has it, is the trailer.
/// </summary>
public sealed class Ieee80211Layer : RawHeaderLayer
{
    /// <summary>A data frame from an access point, all addresses zero.</summary>
    public Ieee80211Layer()
        : base([0x08, 0x02, .. new byte[22]])
    {
    }

    internal Ieee80211Layer(ReadOnlySpan<byte> header)
        : base(header.ToArray())
    {
    }

    /// <inheritdoc/>
    public override string Name => "802.11";

    /// <inheritdoc cref="Ieee80211View.FrameControl"/>
    public ushort FrameControl
    {
        get => new Ieee80211View(Header).FrameControl;
        set => Write16(0, value);
    }

    /// <inheritdoc cref="Ieee80211View.Type"/>
    public byte Type => new Ieee80211View(Header).Type;

    /// <inheritdoc cref="Ieee80211View.Subtype"/>
    public byte Subtype => new Ieee80211View(Header).Subtype;

    /// <inheritdoc cref="Ieee80211View.IsProtected"/>
    public bool IsProtected => new Ieee80211View(Header).IsProtected;

    /// <inheritdoc cref="Ieee80211View.IsRetry"/>
    public bool IsRetry => new Ieee80211View(Header).IsRetry;

    /// <inheritdoc cref="Ieee80211View.Duration"/>
    public ushort Duration
    {
        get => new Ieee80211View(Header).Duration;
        set => Write16(2, value);
    }

    /// <inheritdoc cref="Ieee80211View.Address1"/>
    public MacAddress Address1
    {
        get => new Ieee80211View(Header).Address1;
        set => WireField.WriteMac(Header, 4, value);
    }

    /// <inheritdoc cref="Ieee80211View.Address2"/>
    public MacAddress Address2
    {
        get => new Ieee80211View(Header).Address2;
        set => WireField.WriteMac(Header, 10, value);
    }

    /// <inheritdoc cref="Ieee80211View.Address3"/>
    public MacAddress Address3
    {
        get => new Ieee80211View(Header).Address3;
        set => WireField.WriteMac(Header, 16, value);
    }

    /// <inheritdoc cref="Ieee80211View.Source"/>
    public MacAddress Source => new Ieee80211View(Header).Source;

    /// <inheritdoc cref="Ieee80211View.Destination"/>
    public MacAddress Destination => new Ieee80211View(Header).Destination;

    /// <inheritdoc cref="Ieee80211View.Sequence"/>
    public ushort Sequence
    {
        get => new Ieee80211View(Header).Sequence;
        set => Write16(22, (ushort)((value << 4) | (WireField.Read8(Header, 22) & 15)));
    }

    internal override PacketStart? StartsPacket => PacketStart.Ieee80211;

    /// <summary>Source &gt; destination.</summary>
    public override string ToString() => $"802.11 {Source} > {Destination}";
}

/// <summary>A radiotap header: how a frame of IEEE 802.11 was received, in a capture.</summary>
public sealed class RadiotapLayer : RawHeaderLayer
{
    /// <summary>A header that says nothing.</summary>
    public RadiotapLayer()
        : base([0, 0, 8, 0, 0, 0, 0, 0])
    {
    }

    internal RadiotapLayer(ReadOnlySpan<byte> header)
        : base(header.ToArray())
    {
    }

    /// <inheritdoc/>
    public override string Name => "Radiotap";

    /// <inheritdoc cref="RadiotapView.Present"/>
    public uint Present => new RadiotapView(Header).Present;

    /// <inheritdoc cref="RadiotapView.HasCheckSequence"/>
    public bool HasCheckSequence => new RadiotapView(Header).HasCheckSequence;

    internal override PacketStart? StartsPacket => PacketStart.Radiotap;

    /// <summary>Which fields there are.</summary>
    public override string ToString() => $"Radiotap fields 0x{Present:x8}";
}

/// <summary>A header of Prism's or AVS's driver before a frame of IEEE 802.11, in a capture.</summary>
public sealed class PrismLayer : RawHeaderLayer
{
    /// <summary>Prism's header with nothing in it.</summary>
    public PrismLayer()
        : base([0, 0, 0, 0x44, 0, 0, 0, PrismView.PrismLength, .. new byte[PrismView.PrismLength - 8]])
    {
    }

    internal PrismLayer(ReadOnlySpan<byte> header)
        : base(header.ToArray())
    {
    }

    /// <inheritdoc/>
    public override string Name => "Prism";

    /// <inheritdoc cref="PrismView.IsAvs"/>
    public bool IsAvs => new PrismView(Header).IsAvs;

    internal override PacketStart? StartsPacket => PacketStart.Prism;

    /// <summary>Whose header it is.</summary>
    public override string ToString() => IsAvs ? "Prism (AVS)" : "Prism";
}
