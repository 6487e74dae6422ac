using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>
/// Notices sources that try many destinations (address and port) in a short time with segments that no connection starts or
/// continues with. Forgets what is older than the window, and the source that has been silent longest when there are too many.
/// </summary>
internal sealed class ScanDetector(TcpStreamSettings settings)
{
    private readonly Dictionary<NetworkAddress, Source> _sources = [];
    private readonly LinkedChain<Source> _chain = new();

    public int Count => _sources.Count;

    /// <summary>Counts a segment without ACK. Returns what was tried when that is more than the threshold.</summary>
    public StreamEndpoint[]? Add(StreamEndpoint source, StreamEndpoint destination, Instant now)
    {
        if (settings.MaximumScanSources <= 0)
        {
            return null;
        }

        while (_chain.Oldest is { } oldest && oldest.LastSeen + settings.ScanWindow < now)
        {
            Forget(oldest);
        }

        if (!_sources.TryGetValue(source.Address, out Source? entry))
        {
            if (_sources.Count >= settings.MaximumScanSources)
            {
                Forget(_chain.Oldest!);
            }

            entry = new Source(source.Address);
            _sources.Add(source.Address, entry);
        }

        entry.LastSeen = now;
        _chain.Add(entry);
        return entry.Add(destination, now, settings);
    }

    private void Forget(Source source)
    {
        _chain.Remove(source);
        _sources.Remove(source.Address);
    }

    private sealed class Source(NetworkAddress address) : ILinked<Source>
    {
        private readonly List<(StreamEndpoint Destination, Instant Time)> _tried = [];

        public NetworkAddress Address { get; } = address;

        public Instant LastSeen { get; set; }

        public Source? Older { get; set; }

        public Source? Newer { get; set; }

        public LinkedChain<Source>? Chain { get; set; }

        public StreamEndpoint[]? Add(StreamEndpoint destination, Instant now, TcpStreamSettings settings)
        {
            _tried.RemoveAll(t => t.Time + settings.ScanWindow < now);
            int known = _tried.FindIndex(t => t.Destination == destination);
            if (known >= 0)
            {
                _tried[known] = (destination, now);
                return null;
            }

            _tried.Add((destination, now));
            if (_tried.Count <= settings.ScanThreshold)
            {
                return null;
            }

            StreamEndpoint[] targets = [.. _tried.ConvertAll(t => t.Destination)];
            _tried.Clear();
            return targets;
        }
    }
}
