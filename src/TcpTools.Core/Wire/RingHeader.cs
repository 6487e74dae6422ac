using System;

namespace TcpTools.Wire;

/// <summary>Reads a Token Ring header (IEEE 802.5) up to the LLC header. Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The frame from access control on.</param>
public readonly ref struct TokenRingView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the header without a route.</summary>
    public const int MinimumHeaderLength = 14;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Priority, token and monitor bits.</summary>
    public byte AccessControl => WireField.Read8(_bytes, 0);

    /// <summary>Frame control: the upper two bits tell what the frame is.</summary>
    public byte FrameControl => WireField.Read8(_bytes, 1);

    /// <summary>Whether an LLC header follows.</summary>
    public bool IsLlc => (FrameControl & 0xC0) == 0x40;

    /// <summary>Who is to receive the frame.</summary>
    public MacAddress Destination => MacAddress.FromBytes(WireField.Cut(_bytes, 2, 8));

    /// <summary>Who sent it, the bit that announces a route included.</summary>
    public MacAddress Source => MacAddress.FromBytes(WireField.Cut(_bytes, 8, 14));

    /// <summary>The route through bridges, its two bytes of control included; empty without.</summary>
    public ReadOnlySpan<byte> Route => WireField.Cut(_bytes, MinimumHeaderLength, HeaderLength);

    /// <summary>Bytes of the header with its route, whose length of at least 2 its first byte tells.</summary>
    public int HeaderLength => MinimumHeaderLength
        + ((WireField.Read8(_bytes, 8) & 0x80) == 0 ? 0 : Math.Max(2, WireField.Read8(_bytes, MinimumHeaderLength) & 0x1F));

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);
}

/// <summary>Reads an FDDI header (ISO 9314-2) up to the LLC header. Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The frame from frame control on.</param>
public readonly ref struct FddiView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 13;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>Frame control: class, address length and kind of frame.</summary>
    public byte FrameControl => WireField.Read8(_bytes, 0);

    /// <summary>Whether an LLC header follows: asynchronous or synchronous, LLC.</summary>
    public bool IsLlc => (FrameControl & 0x70) == 0x50;

    /// <summary>Who is to receive the frame.</summary>
    public MacAddress Destination => MacAddress.FromBytes(WireField.Cut(_bytes, 1, 7));

    /// <summary>Who sent it.</summary>
    public MacAddress Source => MacAddress.FromBytes(WireField.Cut(_bytes, 7, 13));

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);
}
