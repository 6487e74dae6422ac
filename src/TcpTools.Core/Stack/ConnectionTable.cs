using System;
using System.Numerics;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>
/// Finds the session of a segment by its pair of sockets. Sessions are chained through themselves, so that looking up,
/// adding and removing allocate nothing; only growing does. The hash is keyed: peers cannot choose ports that collide.
/// </summary>
internal sealed class ConnectionTable(RandomSource random)
{
    private const int InitialBuckets = 64;

    private readonly ulong _key0 = random.NextUInt64();
    private readonly ulong _key1 = random.NextUInt64() | 1;
    private StackSession?[] _buckets = new StackSession?[InitialBuckets];

    /// <summary>Sessions in the table.</summary>
    public int Count { get; private set; }

    /// <summary>The session of a pair of sockets, or null.</summary>
    public StackSession? Find(in FlowKey key)
    {
        uint hash = Hash(key);
        for (StackSession? session = _buckets[hash & (uint)(_buckets.Length - 1)]; session is not null; session = session.NextInBucket)
        {
            if (session.FlowHash == hash && session.Key == key)
            {
                return session;
            }
        }

        return null;
    }

    /// <summary>Adds a session whose pair of sockets is not in the table.</summary>
    public void Add(StackSession session)
    {
        if (Count >= _buckets.Length)
        {
            Grow();
        }

        session.FlowHash = Hash(session.Key);
        Link(session);
        Count++;
    }

    /// <summary>Removes a session.</summary>
    /// <returns>Whether it was in the table.</returns>
    public bool Remove(StackSession session)
    {
        ref StackSession? link = ref _buckets[session.FlowHash & (uint)(_buckets.Length - 1)];
        while (link is not null)
        {
            if (ReferenceEquals(link, session))
            {
                link = session.NextInBucket;
                session.NextInBucket = null;
                Count--;
                return true;
            }

            link = ref link.NextInBucket;
        }

        return false;
    }

    private void Link(StackSession session)
    {
        ref StackSession? first = ref _buckets[session.FlowHash & (uint)(_buckets.Length - 1)];
        session.NextInBucket = first;
        first = session;
    }

    private void Grow()
    {
        StackSession?[] old = _buckets;
        _buckets = new StackSession?[old.Length * 2];
        foreach (StackSession? first in old)
        {
            StackSession? session = first;
            while (session is not null)
            {
                StackSession? next = session.NextInBucket;
                Link(session);
                session = next;
            }
        }
    }

    private uint Hash(in FlowKey key)
    {
        ulong addresses = key.LocalAddress.IsIPv4
            ? ((ulong)key.LocalAddress.IPv4Bits << 32) | key.RemoteAddress.IPv4Bits
            : ((ulong)(uint)key.LocalAddress.GetHashCode() << 32) | (uint)key.RemoteAddress.GetHashCode();
        ulong ports = ((ulong)key.LocalPort << 16) | key.RemotePort;
        ulong hash = Math.BigMul(addresses ^ _key0, _key1, out ulong low);
        hash = Math.BigMul(hash ^ low ^ ports ^ BitOperations.RotateLeft(_key0, 29), 0x9E3779B97F4A7C15, out low);
        return (uint)((hash ^ low) >> 32);
    }
}
