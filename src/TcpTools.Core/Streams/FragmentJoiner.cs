using System;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>What became of a fragment.</summary>
public enum FragmentOutcome
{
    /// <summary>It waits for the others.</summary>
    Waiting,

    /// <summary>It was the last that was missing.</summary>
    Whole,

    /// <summary>No packet can have it.</summary>
    Invalid,

    /// <summary>It overlaps others.</summary>
    Overlap,

    /// <summary>It ends beyond the largest packet there can be.</summary>
    Oversized,
}

/// <summary>Puts fragments together in front of a <see cref="TcpStreamAssembler"/>.</summary>
public interface IFragmentJoiner
{
    /// <summary>
    /// Takes a fragment with a sound header. <paramref name="whole"/> is the whole packet, valid until the next call, when
    /// this was the last one missing.
    /// </summary>
    FragmentOutcome Add(ReadOnlySpan<byte> packet, Instant now, out ReadOnlySpan<byte> whole);

    /// <summary>Gives up what has waited too long.</summary>
    void Expire(Instant now);
}

/// <summary>Joins fragments of both IP versions.</summary>
internal sealed class FragmentJoiner(IPSettings settings) : IFragmentJoiner
{
    private readonly IPv4FragmentJoiner _version4 = new(settings);
    private readonly IPv6FragmentJoiner _version6 = new(settings);

    public FragmentOutcome Add(ReadOnlySpan<byte> packet, Instant now, out ReadOnlySpan<byte> whole) =>
        WireField.Read8(packet, 0) >> 4 == 6 ? _version6.Add(packet, now, out whole) : _version4.Add(packet, now, out whole);

    public void Expire(Instant now)
    {
        _version4.Expire(now);
        _version6.Expire(now);
    }
}

/// <summary>Joins IPv4 fragments by the engine's own reassembly and within its limits.</summary>
internal sealed class IPv4FragmentJoiner : IFragmentJoiner
{
    private readonly PacketBufferPool _pool = new(keepSmall: 64, keepLarge: 8);
    private readonly IPCounters _counters = new();
    private readonly Reassembler _reassembler;
    private PacketBuffer? _whole;

    public IPv4FragmentJoiner(IPSettings settings)
    {
        _reassembler = new Reassembler(settings, _counters, _pool);
    }

    public FragmentOutcome Add(ReadOnlySpan<byte> packet, Instant now, out ReadOnlySpan<byte> whole)
    {
        _whole?.Release();
        _whole = null;
        whole = default;
        var view = new IPv4View(packet);
        if (view.HeaderLength + view.FragmentOffset + view.Payload.Length > ushort.MaxValue)
        {
            return FragmentOutcome.Oversized;
        }

        long overlaps = _counters.ReasmOverlaps;
        long failures = _counters.ReasmFails;
        PacketBuffer buffer = _pool.Rent(packet.Length);
        packet.CopyTo(buffer.Append(packet.Length));
        _whole = _reassembler.Add(buffer, isUnicast: true, now);
        if (_whole is not null)
        {
            whole = _whole.Span;
            return FragmentOutcome.Whole;
        }

        return _counters.ReasmOverlaps > overlaps ? FragmentOutcome.Overlap
            : _counters.ReasmFails > failures ? FragmentOutcome.Invalid
            : FragmentOutcome.Waiting;
    }

    public void Expire(Instant now)
    {
        while (_reassembler.TryTakeExpired(now, out PartialDatagram? expired))
        {
            _reassembler.Recycle(expired);
        }
    }
}
