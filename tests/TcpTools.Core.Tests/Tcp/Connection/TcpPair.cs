using System;
using System.Collections.Generic;
using System.Globalization;
using TcpTools.Buffers;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>What the network between two connections does to segments. Probabilities are from 0 to 1.</summary>
internal sealed record PairNetwork
{
    public double Loss { get; init; }

    public double Duplicate { get; init; }

    /// <summary>How often a segment is held back by up to <see cref="ReorderDelay"/>.</summary>
    public double Reorder { get; init; }

    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(5);

    public TimeSpan ReorderDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Loses exactly those segments that this picks; overrides nothing else.</summary>
    public Func<PairSegment, bool>? Drop { get; init; }
}

/// <summary>A segment on its way.</summary>
internal sealed record PairSegment(
    TcpPair.Side From, uint Sequence, uint Acknowledgment, TcpFlags Flags, ushort Window, ushort Urgent, byte[] Options, byte[] Payload)
{
    public bool Has(TcpFlags flags) => (Flags & flags) != 0;

    public override string ToString() =>
        $"{From.Name} {SegmentText.FormatFlags(Flags)} {Sequence}:{Sequence + (uint)Payload.Length} ack {Acknowledgment} win {Window} opt {Convert.ToHexString(Options)}";
}

/// <summary>
/// Two connections and an imperfect network between them, in virtual time: the same seed gives the same run, segment by
/// segment. What must always hold is checked after every event.
/// </summary>
internal sealed class TcpPair
{
    private readonly PriorityQueue<Action, (long Ticks, long Order)> _events = new();
    private readonly RandomSource _random;
    private long _order;

    public TcpPair(ulong seed, PairNetwork? network = null, TcpSettings? client = null, TcpSettings? server = null, int mtu = 1500)
    {
        _random = RandomSource.FromSeed(seed);
        Network = network ?? new PairNetwork();
        FlowKey key = new(NetworkAddress.Parse("192.0.2.1"), 40000, NetworkAddress.Parse("192.0.2.2"), 80);
        Now = Instant.FromSeconds(_random.Next(100_000));
        Client = new Side(this, "client", client ?? TcpSettings.Default, key, mtu);
        Server = new Side(this, "server", server ?? client ?? TcpSettings.Default, key.Reverse(), mtu);
        Client.Peer = Server;
        Server.Peer = Client;
        Start = Now;
    }

    public PairNetwork Network { get; set; }

    public Instant Start { get; }

    public Instant Now { get; private set; }

    public TimeSpan Elapsed => Now - Start;

    public Side Client { get; }

    public Side Server { get; }

    public SlabPool Slabs { get; } = new(4096);

    /// <summary>A number that every segment sent, and when, goes into.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    public long Segments { get; private set; }

    /// <summary>Whether the peer's window binds: not when a test forges windows, which nobody can tell from real ones.</summary>
    public bool ChecksWindows { get; set; } = true;

    public List<string>? Log { get; set; }

    /// <summary>Lets the client open; the server answers the first SYN that arrives.</summary>
    public TcpPair Connect()
    {
        Client.Connection.OpenActive(Now);
        return this;
    }

    public TcpPair Establish()
    {
        Connect();
        Assert.True(
            RunUntil(() => Client.Connection.State == TcpState.Established && Server.Connection.State == TcpState.Established, 600),
            $"No connection: {Client.Connection.State}, {Server.Connection.State}");
        return this;
    }

    public void At(TimeSpan delay, Action action) => _events.Enqueue(action, ((Now + delay).Ticks, _order++));

    /// <summary>Runs until a condition holds; false when nothing more happens, or the limit of virtual time has passed.</summary>
    public bool RunUntil(Func<bool> condition, double limitSeconds)
    {
        Instant limit = Now + TimeSpan.FromSeconds(limitSeconds);
        while (!condition())
        {
            Instant deadline = Instant.Earlier(Client.Deadline, Server.Deadline);
            Instant next = _events.TryPeek(out _, out (long Ticks, long Order) at) ? new Instant(at.Ticks) : Instant.Never;
            Instant due = Instant.Earlier(deadline, next);
            if (due > limit || due.IsNever)
            {
                Now = due.IsNever ? Now : limit;
                return condition();
            }

            Now = Instant.Later(Now, due);
            if (next <= deadline)
            {
                _events.Dequeue()();
            }
            else
            {
                Side side = Client.Deadline <= Server.Deadline ? Client : Server;
                side.Deadline = Instant.Never;
                side.Connection.OnTimer(Now);
                side.Check();
            }
        }

        return true;
    }

    public void Run(double seconds) => RunUntil(() => false, seconds);

    private void Carry(PairSegment segment)
    {
        Segments++;
        Mix(((ulong)Now.Ticks << 1) ^ segment.Sequence ^ ((ulong)segment.Acknowledgment << 32));
        Mix(((ulong)segment.Window << 32) | ((uint)segment.Flags << 16) | (uint)segment.Payload.Length);
        Log?.Add(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalMilliseconds:F1} {segment}"));
        if ((Network.Drop?.Invoke(segment) ?? false) || _random.NextDouble() < Network.Loss)
        {
            Log?.Add("   lost");
            return;
        }

        Deliver(segment);
        if (_random.NextDouble() < Network.Duplicate)
        {
            Deliver(segment);
        }
    }

    private void Deliver(PairSegment segment)
    {
        TimeSpan delay = Network.Delay;
        if (_random.NextDouble() < Network.Reorder)
        {
            delay += Network.ReorderDelay * _random.NextDouble();
        }

        At(delay, () => segment.From.Peer.Arrive(segment));
    }

    private void Mix(ulong value) => Trace = (Trace ^ value) * 1099511628211;

    /// <summary>One end.</summary>
    internal sealed class Side : ITcpEnvironment
    {
        private readonly TcpPair _pair;
        private SequenceNumber? _rightEdge;
        private SequenceNumber? _lastUnacknowledged;

        public Side(TcpPair pair, string name, TcpSettings settings, FlowKey key, int mtu)
        {
            _pair = pair;
            Name = name;
            Connection = new TcpConnection(settings, key, this, new TcpServices
            {
                InitialSequence = new InitialSequenceGenerator(pair._random),
                Slabs = pair.Slabs,
                Mtu = mtu,
            });
        }

        public string Name { get; }

        public Side Peer { get; set; } = null!;

        public TcpConnection Connection { get; }

        public TcpInfo Info => Connection.GetInfo(_pair.Now);

        public Instant Deadline { get; set; } = Instant.Never;

        public TcpCloseReason? Closed { get; private set; }

        public Action? Readable { get; set; }

        public Action? Writable { get; set; }

        public long Sent { get; private set; }

        public bool IsOpen { get; private set; }

        public void Arrive(PairSegment segment)
        {
            ArrivedSegment arrived = new()
            {
                Sequence = new SequenceNumber(segment.Sequence),
                Acknowledgment = new SequenceNumber(segment.Acknowledgment),
                Flags = segment.Flags,
                Window = segment.Window,
                UrgentPointer = segment.Urgent,
                Options = segment.Options,
                Payload = segment.Payload,
                PacketCount = 1,
            };
            if (!IsOpen && Connection.State == TcpState.Closed && Closed is null)
            {
                if (segment.Flags == TcpFlags.Syn)
                {
                    IsOpen = true;
                    Connection.OpenPassive(arrived, _pair.Now);
                }
            }
            else if (Connection.State == TcpState.Closed)
            {
                if (StatelessReset.TryCreate(arrived, out OutgoingSegment reset))
                {
                    ((ITcpEnvironment)this).Transmit(Connection, reset);
                }
            }
            else
            {
                Connection.Receive(arrived, _pair.Now);
            }

            Check();
        }

        /// <summary>What must hold at any time, whatever has happened.</summary>
        public void Check()
        {
            if (Connection.State == TcpState.Closed)
            {
                return;
            }

            TcpInfo info = Info;
            Assert.True(info.SendUnacknowledged <= info.SendNext, $"{Name}: SND.UNA {info.SendUnacknowledged} > SND.NXT {info.SendNext}");
            Assert.True(_lastUnacknowledged is not { } una || info.SendUnacknowledged >= una, $"{Name}: SND.UNA went back");
            _lastUnacknowledged = info.SendUnacknowledged;
            Assert.True(info.BytesInFlight >= 0, $"{Name}: pipe {info.BytesInFlight}");
            Assert.True(info.CongestionWindow > 0 && info.RetransmissionTimeout > TimeSpan.Zero, $"{Name}: {info}");
            Assert.True(info.UnreadBytes <= info.ReceiveBufferSize + (1 << info.ReceiveWindowScale), $"{Name}: {info.UnreadBytes} unread");
            Assert.True(info.BufferedBytes <= info.SendBufferSize, $"{Name}: {info.BufferedBytes} buffered");
            bool outstanding = info.SendNext != info.SendUnacknowledged;
            Assert.True(
                !outstanding || !info.RetransmissionDeadline.IsNever || info.State is TcpState.TimeWait,
                $"{Name}: {info.State} with {info.SendNext - info.SendUnacknowledged} outstanding and no retransmission timer");
        }

        void ITcpEnvironment.Transmit(TcpConnection connection, in OutgoingSegment segment)
        {
            byte[] payload = new byte[segment.PayloadLength];
            segment.Payload.CopyTo(payload);
            segment.PayloadRest.CopyTo(payload.AsSpan(segment.Payload.Length));
            Sent += payload.Length;
            CheckWindow(segment);
            _pair.Carry(new PairSegment(
                this, segment.Sequence.Value, segment.Acknowledgment.Value, segment.Flags, segment.Window, segment.UrgentPointer,
                segment.Options.ToArray(), payload));
        }

        /// <summary>The right edge never moves back, but for what the scale cannot express (RFC 9293, 3.8.6; RFC 7323, 2.4).</summary>
        private void CheckWindow(in OutgoingSegment segment)
        {
            TcpInfo info = Info;
            bool isData = (segment.Flags & (TcpFlags.Syn | TcpFlags.Rst)) == 0;
            if ((segment.Flags & TcpFlags.Ack) == 0 || (segment.Flags & TcpFlags.Rst) != 0)
            {
                return;
            }

            int unit = isData ? 1 << info.ReceiveWindowScale : 1;
            SequenceNumber edge = segment.Acknowledgment + (segment.Window * unit);
            Assert.True(
                _rightEdge is not { } known || edge - known > -unit,
                $"{Name}: the right edge went back by {(_rightEdge ?? edge) - edge}, unit {unit}");
            _rightEdge = _rightEdge is { } last ? SequenceNumber.Later(last, edge) : edge;
            if (isData && _pair.ChecksWindows && Peer._rightEdge is { } limit && segment.PayloadLength > 0)
            {
                Assert.True(
                    segment.Sequence + segment.PayloadLength <= limit,
                    $"{Name}: sent {segment.Sequence}+{segment.PayloadLength} beyond the edge {limit} that was offered");
            }
        }

        void ITcpEnvironment.ScheduleTimer(TcpConnection connection, Instant deadline) => Deadline = deadline;

        void ITcpEnvironment.OnStateChanged(TcpConnection connection, TcpState from, TcpState to) =>
            _pair.Log?.Add($"   {Name} {to}");

        void ITcpEnvironment.OnReadable(TcpConnection connection)
        {
            if (Readable is { } action)
            {
                _pair.At(TimeSpan.Zero, action);
            }
        }

        void ITcpEnvironment.OnWritable(TcpConnection connection)
        {
            if (Writable is { } action)
            {
                _pair.At(TimeSpan.Zero, action);
            }
        }

        void ITcpEnvironment.OnClosed(TcpConnection connection, TcpCloseReason reason) => Closed = reason;
    }
}
