using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Capture;

/// <summary>Counts of protocols, each inside the one around it.</summary>
internal sealed class ProtocolTree
{
    internal const int Link = 1 << 24;
    internal const int Network = 2 << 24;
    internal const int Transport = 3 << 24;
    internal const int EtherTypes = 4 << 24;

    private readonly Node _root = new("", 0);

    /// <summary>The way of a frame of so many bytes into the tree.</summary>
    internal Cursor Begin(int bytes) => new(_root, bytes);

    internal IReadOnlyList<ProtocolCount> List(long packets)
    {
        List<ProtocolCount> list = [];
        foreach (Node node in _root.Children.Values.OrderByDescending(node => node.Packets))
        {
            node.AddTo(list, "", 0, packets);
        }

        return list;
    }

    internal ref struct Cursor(Node node, int bytes)
    {
        private Node _node = node;

        internal void Into(string name, int key)
        {
            if (!_node.Children.TryGetValue(key, out Node? child))
            {
                child = new Node(name, key);
                _node.Children.Add(key, child);
            }

            child.Packets++;
            child.Bytes += bytes;
            _node = child;
        }

        internal void IntoProtocol(byte protocol) => Into(Node.NameOf(protocol), Transport | protocol);

        internal void IntoEtherType(ushort type) => Into(
            type < 0x600 ? "LLC" : FieldText.OfEtherType(type) ?? string.Create(CultureInfo.InvariantCulture, $"EtherType 0x{type:x4}"),
            EtherTypes | (type < 0x600 ? 0 : type));
    }

    internal sealed class Node(string name, int key)
    {
        private static readonly string[] s_protocols = [.. Enumerable.Range(0, 256).Select(number =>
            FieldText.OfProtocol((ulong)number) ?? string.Create(CultureInfo.InvariantCulture, $"Protocol {number}"))];

        internal int Key => key;

        internal long Packets { get; set; }

        internal long Bytes { get; set; }

        internal Dictionary<int, Node> Children { get; } = [];

        internal static string NameOf(byte protocol) => s_protocols[protocol];

        internal void AddTo(List<ProtocolCount> list, string around, int depth, long packets)
        {
            string path = around.Length == 0 ? name : around + "/" + name;
            list.Add(new ProtocolCount(name, path, depth, Packets, Bytes, packets == 0 ? 0 : Math.Round(100.0 * Packets / packets, 2)));
            foreach (Node child in Children.Values.OrderByDescending(child => child.Packets))
            {
                child.AddTo(list, path, depth + 1, packets);
            }
        }
    }
}
