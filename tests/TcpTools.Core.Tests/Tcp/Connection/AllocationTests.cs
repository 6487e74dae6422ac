using System;
using TcpTools.Buffers;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Once a connection runs, its data path allocates nothing.</summary>
public class AllocationTests
{
    private const int Rounds = 2000;

    public static TheoryData<bool, string, string> Parts { get; } = new()
    {
        { false, "newreno", "Linux" },
        { true, "newreno", "Linux" },
        { true, "cubic", "FreeBSD" },
        { true, "none", "MacOS" },
        { true, "cubic", "Windows" },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void Sending_and_receiving_allocate_nothing(bool withLosses, string congestionControl, string layout)
    {
        TcpSettings settings = TcpSettings.Default with
        {
            CongestionControl = congestionControl,
            OptionLayout = TcpParts.Find(TcpParts.OptionLayouts, layout),
        };
        Wired left = new();
        Wired right = new();
        left.Peer = right;
        right.Peer = left;
        FlowKey key = new(NetworkAddress.Parse("192.0.2.1"), 1, NetworkAddress.Parse("192.0.2.2"), 2);
        SlabPool slabs = new(65536);
        left.Start(key, slabs, settings);
        right.Start(key.Reverse(), slabs, settings);
        Instant now = Instant.Zero;
        left.Connection.OpenActive(now);
        Wired.Move(left, right, now, 0);
        byte[] buffer = new byte[20_000];
        Work(left, right, buffer, ref now, 500, withLosses);

        long before = GC.GetAllocatedBytesForCurrentThread();
        long moved = Work(left, right, buffer, ref now, Rounds, withLosses);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(moved > Rounds * 1000, $"{moved} bytes moved");
        Assert.Equal(0, allocated);
    }

    private static long Work(Wired left, Wired right, byte[] buffer, ref Instant now, int rounds, bool withLosses)
    {
        long moved = 0;
        for (int i = 0; i < rounds; i++)
        {
            left.Connection.Write(buffer, now);
            now += TimeSpan.FromMilliseconds(1);
            Wired.Move(left, right, now, withLosses ? 29 : 0);
            moved += right.Connection.Read(buffer, now);
            right.Connection.Write(buffer.AsSpan(0, 100), now);
            Wired.Move(left, right, now, 0);
            moved += left.Connection.Read(buffer, now);
            left.Tick(now);
            right.Tick(now);
        }

        return moved;
    }

    /// <summary>An end whose segments wait in arrays made beforehand.</summary>
    private sealed class Wired : ITcpEnvironment
    {
        private const int Slots = 256;

        private readonly byte[][] _payloads = new byte[Slots][];
        private readonly byte[][] _options = new byte[Slots][];
        private readonly Header[] _headers = new Header[Slots];
        private int _count;
        private int _carried;
        private Instant _deadline = Instant.Never;

        public Wired Peer { get; set; } = null!;

        public TcpConnection Connection { get; private set; } = null!;

        public void Start(FlowKey key, SlabPool slabs, TcpSettings settings)
        {
            for (int i = 0; i < Slots; i++)
            {
                _payloads[i] = new byte[1500];
                _options[i] = new byte[40];
            }

            Connection = new TcpConnection(settings, key, this, new TcpServices
            {
                InitialSequence = new InitialSequenceGenerator(RandomSource.FromSeed(1)),
                Slabs = slabs,
            });
        }

        public void Tick(Instant now)
        {
            if (_deadline <= now)
            {
                _deadline = Instant.Never;
                Connection.OnTimer(now);
            }
        }

        public static void Move(Wired left, Wired right, Instant now, int loseEvery)
        {
            while (left._count > 0 || right._count > 0)
            {
                left.Carry(now, loseEvery);
                right.Carry(now, 0);
            }
        }

        private void Carry(Instant now, int loseEvery)
        {
            for (int i = 0; i < _count; i++)
            {
                if (loseEvery > 0 && ++_carried % loseEvery == 0)
                {
                    continue;
                }

                Header header = _headers[i];
                ArrivedSegment segment = new()
                {
                    Sequence = header.Sequence,
                    Acknowledgment = header.Acknowledgment,
                    Flags = header.Flags,
                    Window = header.Window,
                    Options = _options[i].AsSpan(0, header.OptionsLength),
                    Payload = _payloads[i].AsSpan(0, header.PayloadLength),
                    PacketCount = 1,
                };
                if (Peer.Connection.State == TcpState.Closed)
                {
                    Peer.Connection.OpenPassive(segment, now);
                }
                else
                {
                    Peer.Connection.Receive(segment, now);
                }
            }

            _count = 0;
        }

        void ITcpEnvironment.Transmit(TcpConnection connection, in OutgoingSegment segment)
        {
            if (_count == Slots)
            {
                return;
            }

            segment.Payload.CopyTo(_payloads[_count]);
            segment.PayloadRest.CopyTo(_payloads[_count].AsSpan(segment.Payload.Length));
            segment.Options.CopyTo(_options[_count]);
            _headers[_count++] = new Header(
                segment.Sequence, segment.Acknowledgment, segment.Flags, segment.Window, segment.Options.Length, segment.PayloadLength);
        }

        void ITcpEnvironment.ScheduleTimer(TcpConnection connection, Instant deadline) => _deadline = deadline;

        void ITcpEnvironment.OnStateChanged(TcpConnection connection, TcpState from, TcpState to)
        {
        }

        void ITcpEnvironment.OnReadable(TcpConnection connection)
        {
        }

        void ITcpEnvironment.OnWritable(TcpConnection connection)
        {
        }

        void ITcpEnvironment.OnClosed(TcpConnection connection, TcpCloseReason reason)
        {
        }

        private readonly record struct Header(
            SequenceNumber Sequence, SequenceNumber Acknowledgment, TcpFlags Flags, ushort Window, int OptionsLength, int PayloadLength);
    }
}
