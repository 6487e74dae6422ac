using System;
using TcpTools.Stack;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Data in both directions at once between two sessions of a virtual network.</summary>
internal static class Transfer
{
    public static byte[] Bytes(int count, ulong seed)
    {
        RandomSource random = RandomSource.FromSeed(seed);
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = (byte)random.NextUInt32();
        }

        return bytes;
    }

    /// <summary>Sends both pieces of data, closes both sides behind them, and reads until both have ended.</summary>
    public static void BothWays(Rig rig, TcpSession client, TcpSession server, byte[] up, byte[] down, TimeSpan limit)
    {
        End a = new(client, up, down.Length);
        End b = new(server, down, up.Length);
        bool done = rig.Network.RunUntil(() => a.Pump() & b.Pump(), limit);
        Assert.True(done, $"Not finished at {rig.Network.Now}: {a} {client.Info} / {b} {server.Info}");
        Assert.True(up.AsSpan().SequenceEqual(b.Received), "The bytes that the client sent are not those the server got.");
        Assert.True(down.AsSpan().SequenceEqual(a.Received), "The bytes that the server sent are not those the client got.");
    }

    private sealed class End(TcpSession session, byte[] data, int expected)
    {
        private readonly byte[] _received = new byte[expected + 1];
        private int _receivedCount;
        private int _sent;
        private bool _shutDown;

        public ReadOnlySpan<byte> Received => _received.AsSpan(0, _receivedCount);

        public bool Pump()
        {
            if (_sent < data.Length)
            {
                _sent += session.Write(data.AsSpan(_sent));
            }

            if (_sent == data.Length && !_shutDown)
            {
                session.Shutdown();
                _shutDown = true;
            }

            int read;
            while ((read = session.Read(_received.AsSpan(_receivedCount))) > 0)
            {
                _receivedCount += read;
            }

            return _shutDown && session.IsPeerFinished && session.Available == 0;
        }

        public override string ToString() => $"sent {_sent} of {data.Length}, received {_receivedCount} of {expected}";
    }
}
