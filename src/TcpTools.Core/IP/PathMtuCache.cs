using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>What is known of the way to a destination.</summary>
/// <param name="Mtu">The path MTU in bytes.</param>
/// <param name="IsLocked">
/// Whether a router has claimed less than the floor: packets larger than its claim must then go without DF to arrive at all.
/// </param>
internal readonly record struct PathMtu(int Mtu, bool IsLocked);

/// <summary>Path MTUs that are smaller than the link's, each for a limited time (RFC 1191, 6.3), and a limited number.</summary>
internal sealed class PathMtuCache(IPSettings settings)
{
    private readonly Dictionary<NetworkAddress, Entry> _entries = [];

    public int Count => _entries.Count;

    public PathMtu Get(NetworkAddress destination, Instant now)
    {
        if (_entries.Count == 0 || !_entries.TryGetValue(destination, out Entry entry))
        {
            return new PathMtu(settings.Mtu, false);
        }

        if (entry.Expires > now)
        {
            return entry.Path;
        }

        _entries.Remove(destination);
        return new PathMtu(settings.Mtu, false);
    }

    /// <summary>Lowers the value for a destination, never below the floor, and starts its time anew; never raises it.</summary>
    public void Lower(NetworkAddress destination, int mtu, Instant now)
    {
        int floor = Math.Min(settings.MinimumPathMtu, settings.Mtu);
        PathMtu current = Get(destination, now);
        var lowered = new PathMtu(Math.Max(mtu, floor), current.IsLocked || mtu < floor);
        if (lowered.Mtu > current.Mtu || lowered == current)
        {
            return;
        }

        if (_entries.Count >= settings.MaximumPathMtus && !_entries.ContainsKey(destination))
        {
            RemoveOldest();
        }

        _entries[destination] = new Entry(lowered, now + settings.PathMtuLifetime);
    }

    // Rare: only errors that a transport has verified make entries.
    private void RemoveOldest()
    {
        KeyValuePair<NetworkAddress, Entry> oldest = default;
        foreach (KeyValuePair<NetworkAddress, Entry> entry in _entries)
        {
            if (oldest.Key.IsNone || entry.Value.Expires < oldest.Value.Expires)
            {
                oldest = entry;
            }
        }

        _entries.Remove(oldest.Key);
    }

    private readonly record struct Entry(PathMtu Path, Instant Expires);
}
