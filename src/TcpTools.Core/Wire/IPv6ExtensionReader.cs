using System;

namespace TcpTools.Wire;

/// <summary>
/// Walks the extension headers of an IPv6 packet (RFC 8200, 4) up to its content. Each is measured by its own length
/// field. Never throws and always ends: after so many headers, at one that is cut off, and behind the header of a
/// fragment that is not the first, since what follows there is the middle of something.
/// </summary>
public ref struct IPv6ExtensionReader
{
    /// <summary>More headers than this are no longer walked (RFC 9098, 3.1, tells of chains made to wear out a reader).</summary>
    public const int MaximumHeaders = 16;

    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _raw;
    private int _count;
    private bool _ended;

    /// <summary>Starts before the first extension header.</summary>
    /// <param name="nextHeader">What the IPv6 header announces.</param>
    /// <param name="payload">The bytes behind the IPv6 header.</param>
    public IPv6ExtensionReader(byte nextHeader, ReadOnlySpan<byte> payload)
    {
        Protocol = nextHeader;
        _rest = payload;
    }

    /// <summary>Which extension header the current one is: <see cref="IPProtocol"/>.</summary>
    public byte Kind { get; private set; }

    /// <summary>All bytes of the current header.</summary>
    public readonly ReadOnlySpan<byte> Raw => _raw;

    /// <summary>What the last header that was walked announces; at the end, what the packet carries.</summary>
    public byte Protocol { get; private set; }

    /// <summary>The bytes behind the last header that was walked; at the end, what the packet carries.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Whether a fragment header has been walked, and not that of a packet that is whole after all (RFC 6946).</summary>
    public bool IsFragment { get; private set; }

    /// <summary>Whether <see cref="Rest"/> starts in the middle of something, because the fragment is not the first.</summary>
    public bool IsLaterFragment { get; private set; }

    /// <summary>Gets on to the next extension header; false at the content, and where the walk cannot go on.</summary>
    public bool MoveNext()
    {
        int length = _ended || _count == MaximumHeaders ? 0 : Measure(Protocol, _rest);
        if (length == 0 || length > _rest.Length)
        {
            _ended = true;
            _raw = default;
            return false;
        }

        _count++;
        Kind = Protocol;
        _raw = _rest[..length];
        _rest = _rest[length..];
        Protocol = _raw[0];
        if (Kind == IPProtocol.FragmentHeader)
        {
            ushort field = WireField.Read16(_raw, 2);
            IsFragment |= (field & 0xFFF9) != 0;
            IsLaterFragment = (field & 0xFFF8) != 0;
            _ended = IsLaterFragment;
        }

        return true;
    }

    /// <summary>Whether a number is that of an extension header that is known here.</summary>
    public static bool IsExtension(byte protocol) => protocol is IPProtocol.HopByHopOptions or IPProtocol.RoutingHeader
        or IPProtocol.FragmentHeader or IPProtocol.DestinationOptions or IPProtocol.AuthenticationHeader;

    /// <summary>
    /// Bytes of the extension header at the start of <paramref name="bytes"/> as it claims, which can be more than there
    /// are; 0 for what is no extension header.
    /// </summary>
    public static int Measure(byte protocol, ReadOnlySpan<byte> bytes) => protocol switch
    {
        IPProtocol.HopByHopOptions or IPProtocol.RoutingHeader or IPProtocol.DestinationOptions => 8 * (1 + WireField.Read8(bytes, 1)),
        IPProtocol.FragmentHeader => 8,
        IPProtocol.AuthenticationHeader => Math.Max(12, 4 * (2 + WireField.Read8(bytes, 1))),
        _ => 0,
    };
}
