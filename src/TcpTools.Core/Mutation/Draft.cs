using System;
using System.Collections.Generic;
using TcpTools.Packets;

namespace TcpTools.Mutation;

/// <summary>A variant in the making: bytes, what they start with, and what has been done to them so far.</summary>
internal sealed class Draft(byte[] bytes, PacketStart start, RandomSource random)
{
    /// <summary>The bytes as they are now.</summary>
    public byte[] Bytes { get; set; } = bytes;

    /// <summary>What the bytes start with.</summary>
    public PacketStart Start { get; private set; } = start;

    /// <summary>Where every choice comes from.</summary>
    public RandomSource Random { get; } = random;

    /// <summary>What has been changed.</summary>
    public List<PacketChange> Changes { get; } = [];

    /// <summary>The bytes taken apart.</summary>
    public Packet Parse() => Packet.Parse(Bytes, Start);

    /// <summary>Goes on with what a packet is built to.</summary>
    public void Take(Packet packet)
    {
        if (packet.Layers.Count > 0)
        {
            Bytes = packet.ToBytes();
            Start = packet.Start;
        }
    }

    /// <summary>Notes a change.</summary>
    public void Note(FuzzStrategy strategy, string target, string description) => Changes.Add(new PacketChange(strategy, target, description));

    /// <summary>One of a list.</summary>
    public T Pick<T>(IReadOnlyList<T> list) => list[Random.Next(list.Count)];

    /// <summary>A number between two, both included.</summary>
    public int Between(int first, int last) => first + Random.Next(last - first + 1);

    /// <summary>Whether a thing happens that happens once in so many times.</summary>
    public bool OneIn(int times) => Random.Next(times) == 0;

    /// <summary>Bytes drawn at random.</summary>
    public byte[] NextBytes(int count)
    {
        byte[] drawn = new byte[Math.Max(count, 0)];
        for (int i = 0; i < drawn.Length; i++)
        {
            drawn[i] = (byte)Random.Next(256);
        }

        return drawn;
    }
}
