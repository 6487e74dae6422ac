using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A Token Ring header (IEEE 802.5).</summary>
public sealed class TokenRingLayer : PacketLayer
{
    /// <inheritdoc/>
    public override string Name => "TokenRing";

    /// <inheritdoc cref="TokenRingView.AccessControl"/>
    public byte AccessControl { get; set; } = 0x10;

    /// <inheritdoc cref="TokenRingView.FrameControl"/>
    public byte FrameControl { get; set; } = 0x40;

    /// <inheritdoc cref="TokenRingView.Destination"/>
    public MacAddress Destination { get; set; } = MacAddress.Broadcast;

    /// <inheritdoc cref="TokenRingView.Source"/>
    public MacAddress Source { get; set; }

    /// <summary>The route through bridges, its two bytes of control included; empty for none. The source address announces it.</summary>
    public byte[] Route { get; set => field = value ?? []; } = [];

    internal override int FixedLength => TokenRingView.MinimumHeaderLength;

    internal override int BodyLength => Route.Length;

    internal override PacketStart? StartsPacket => PacketStart.TokenRing;

    internal override void WriteBody(Span<byte> body) => Route.CopyTo(body);

    internal override void Write(in LayerPlace place)
    {
        const ulong HasRoute = 0x8000_0000_0000;
        WireField.Write8(place.Header, 0, AccessControl);
        WireField.Write8(place.Header, 1, FrameControl);
        WireField.WriteMac(place.Header, 2, Destination);
        WireField.WriteMac(place.Header, 8, Route.Length > 0 ? new(Source.Value | HasRoute) : Source);
    }

    private protected override void Detach() => Route = [.. Route];

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(AccessControl), 0, 8, FieldStyle.Hex);
        sink.Number(nameof(FrameControl), 8, 8, FieldStyle.Hex);
        sink.Mac(nameof(Destination), 2);
        sink.Mac(nameof(Source), 8);
        sink.Data(nameof(Route), TokenRingView.MinimumHeaderLength);
    }

    /// <summary>Source &gt; destination.</summary>
    public override string ToString() => $"TokenRing {Source} > {Destination}";
}

/// <summary>An FDDI header (ISO 9314-2).</summary>
public sealed class FddiLayer : PacketLayer
{
    /// <inheritdoc/>
    public override string Name => "FDDI";

    /// <inheritdoc cref="FddiView.FrameControl"/>
    public byte FrameControl { get; set; } = 0x50;

    /// <inheritdoc cref="FddiView.Destination"/>
    public MacAddress Destination { get; set; } = MacAddress.Broadcast;

    /// <inheritdoc cref="FddiView.Source"/>
    public MacAddress Source { get; set; }

    internal override int FixedLength => FddiView.HeaderLength;

    internal override PacketStart? StartsPacket => PacketStart.Fddi;

    internal override void Write(in LayerPlace place)
    {
        WireField.Write8(place.Header, 0, FrameControl);
        WireField.WriteMac(place.Header, 1, Destination);
        WireField.WriteMac(place.Header, 7, Source);
    }

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(FrameControl), 0, 8, FieldStyle.Hex);
        sink.Mac(nameof(Destination), 1);
        sink.Mac(nameof(Source), 7);
    }

    /// <summary>Source &gt; destination.</summary>
    public override string ToString() => $"FDDI {Source} > {Destination}";
}
