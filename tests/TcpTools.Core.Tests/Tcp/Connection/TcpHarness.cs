using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>
/// One connection with nothing around it: the test is the peer, the network and the clock. Segments go in and come out as
/// lines of text (<see cref="SegmentText"/>), relative to both initial sequence numbers, which the test chooses.
/// </summary>
internal sealed partial class TcpHarness : ITcpEnvironment
{
    private static readonly FlowKey DefaultKey = new(
        NetworkAddress.Parse("192.0.2.1"), 80, NetworkAddress.Parse("192.0.2.2"), 40000);

    private static readonly FlowKey DefaultKeyIPv6 = new(
        NetworkAddress.Parse("2001:db8::1"), 80, NetworkAddress.Parse("2001:db8::2"), 40000);

    private readonly Queue<SentRecord> _sent = new();
    private readonly uint _clockOrigin;
    private long _written = 1;
    private long _read = 1;

    public TcpHarness(
        TcpSettings? settings = null, uint iss = 1000, uint irs = 5_000_000, int mtu = 1500, int segmentation = 0, bool ipv6 = false)
    {
        Iss = new SequenceNumber(iss);
        Irs = new SequenceNumber(irs);
        FlowKey key = ipv6 ? DefaultKeyIPv6 : DefaultKey;
        InitialSequenceGenerator generator = new(new ZeroRandom());
        // The generator is a clock of 4 microseconds plus a hash (RFC 6528, 3): the right start time gives any number.
        uint steps = iss - generator.Next(key, Instant.Zero).Value;
        Now = new Instant((long)steps * 4 * TimeSpan.TicksPerMicrosecond);
        Start = Now;
        _clockOrigin = (uint)Now.TotalMilliseconds + generator.TimestampOffset(key);
        Counters = new TcpCounters();
        Connection = new TcpConnection(settings ?? Plain, key, this, new TcpServices
        {
            InitialSequence = generator,
            Slabs = Slabs = new SlabPool(segmentation > 0 ? SlabPool.DefaultSlabSize : 4096),
            Counters = Counters,
            Mtu = mtu,
            MaximumSegmentationLength = segmentation,
        });
    }

    /// <summary>No options but MSS, no quick acknowledgments: the fewest things that can happen.</summary>
    public static TcpSettings Plain { get; } = TcpSettings.Default with
    {
        Timestamps = false,
        Sack = false,
        WindowScaling = false,
        QuickAcks = 0,
        AutoTuneReceiveBuffer = false,
        ReceiveBufferSize = 65535,
        RoundInitialWindowToMss = false,
    };

    public static TcpSettings WithSack { get; } = Plain with { Sack = true };

    public static TcpSettings WithTimestamps { get; } = Plain with { Timestamps = true };

    public SequenceNumber Iss { get; }

    public SequenceNumber Irs { get; }

    public Instant Start { get; }

    public Instant Now { get; private set; }

    /// <summary>Time since the harness was made.</summary>
    public TimeSpan Elapsed => Now - Start;

    public TcpConnection Connection { get; }

    public TcpCounters Counters { get; }

    public SlabPool Slabs { get; }

    public TcpState State => Connection.State;

    public TcpInfo Info => Connection.GetInfo(Now);

    /// <summary>When the connection last asked to be called.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    public List<TcpState> States { get; } = [];

    public TcpCloseReason? Closed { get; private set; }

    /// <summary>What the environment knows of the path.</summary>
    public int PathMtu { get; set; } = int.MaxValue;

    public int ReadableEvents { get; private set; }

    public int WritableEvents { get; private set; }

    /// <summary>Segments sent and not yet expected, as text.</summary>
    public IEnumerable<string> Pending => _sent.Select(record => record.ToString());

    public int PendingCount => _sent.Count;

    /// <summary>The segment sent last, expected or not.</summary>
    public SentRecord? Last { get; private set; }

    public void In(string line, bool moreFollow = false)
    {
        SegmentText text = SegmentText.Parse(line);
        byte[] options = SegmentText.MakeOptions(text.Options, Iss, _clockOrigin);
        Connection.Receive(Make(text, options, text.MakePayload()), Now, moreFollow);
    }

    /// <summary>Opens passively with this SYN.</summary>
    public void Listen(string syn)
    {
        SegmentText text = SegmentText.Parse(syn);
        byte[] options = SegmentText.MakeOptions(text.Options, Iss, _clockOrigin);
        Connection.OpenPassive(Make(text, options, text.MakePayload()), Now);
    }

    public bool MayBeReplacedBy(string syn)
    {
        SegmentText text = SegmentText.Parse(syn);
        byte[] options = SegmentText.MakeOptions(text.Options, Iss, _clockOrigin);
        return Connection.CanBeReplacedBy(Make(text, options, text.MakePayload()));
    }

    private ArrivedSegment Make(SegmentText text, byte[] options, byte[] payload) => new()
    {
        Sequence = Irs + (uint)text.Start,
        Acknowledgment = text.Ack is { } ack ? Iss + (uint)ack : default,
        Flags = text.Flags,
        Window = (ushort)(text.Window ?? 65535),
        UrgentPointer = text.Urgent ?? 0,
        Options = options,
        Payload = payload,
        PacketCount = 1,
    };

    public void Connect() => Connection.OpenActive(Now);

    /// <summary>Writes the next bytes of the pattern, which are right wherever they come out.</summary>
    public int Write(int count)
    {
        int taken = Connection.Write(SegmentText.PatternBytes(_written, count), Now);
        _written += taken;
        return taken;
    }

    /// <summary>Reads up to <paramref name="count"/> bytes and checks that they are the pattern's next ones.</summary>
    public int Read(int count = int.MaxValue)
    {
        byte[] bytes = new byte[Math.Min(count, Connection.ReadableBytes)];
        int read = Connection.Read(bytes, Now);
        Assert.Equal(SegmentText.PatternBytes(_read, read), bytes[..read]);
        _read += read;
        return read;
    }

    /// <summary>Reads whatever there is, as text.</summary>
    public string ReadText()
    {
        byte[] bytes = new byte[Connection.ReadableBytes];
        int read = Connection.Read(bytes, Now);
        return System.Text.Encoding.Latin1.GetString(bytes, 0, read);
    }

    /// <summary>Lets time pass; the timer is called at each time that the connection asked for.</summary>
    public void Advance(double seconds)
    {
        Instant end = Now + TimeSpan.FromSeconds(seconds);
        int calls = 0;
        while (Deadline <= end)
        {
            Now = Instant.Later(Now, Deadline);
            Deadline = Instant.Never;
            Connection.OnTimer(Now);
            Assert.True(++calls < 100_000, "The timer never rests.");
        }

        Now = end;
    }

    /// <summary>Lets time pass until the connection does something that a peer could see.</summary>
    /// <returns>The time that has passed, in seconds.</returns>
    public double AdvanceToOutput(double limit = 10_000)
    {
        Instant begin = Now;
        int before = _sent.Count;
        while (_sent.Count == before && State != TcpState.Closed && (Now - begin).TotalSeconds < limit && !Deadline.IsNever)
        {
            Advance((Instant.Later(Now, Deadline) - Now).TotalSeconds);
        }

        return (Now - begin).TotalSeconds;
    }

    /// <summary>Expects exactly these segments to have been sent since the last expectation.</summary>
    public void Expect(params string[] segments)
    {
        List<SentRecord> actual = [.. _sent];
        _sent.Clear();
        bool matches = actual.Count == segments.Length
            && actual.Zip(segments).All(pair => pair.First.Matches(SegmentText.Parse(pair.Second)));
        Assert.True(
            matches,
            $"Expected:\n  {string.Join("\n  ", segments)}\nSent:\n  {string.Join("\n  ", actual)}\nState: {State}");
    }

    public void ExpectNone() => Expect();

    /// <summary>Takes what was sent without looking at it.</summary>
    public IReadOnlyList<SentRecord> Take()
    {
        List<SentRecord> actual = [.. _sent];
        _sent.Clear();
        return actual;
    }

    void ITcpEnvironment.Transmit(TcpConnection connection, in OutgoingSegment segment)
    {
        byte[] payload = new byte[segment.PayloadLength];
        segment.Payload.CopyTo(payload);
        segment.PayloadRest.CopyTo(payload.AsSpan(segment.Payload.Length));
        Last = new SentRecord
        {
            Flags = segment.Flags,
            Sequence = segment.Sequence - Iss,
            Acknowledgment = (segment.Flags & TcpFlags.Ack) != 0 ? segment.Acknowledgment - Irs : 0,
            Window = segment.Window,
            Urgent = segment.UrgentPointer,
            Options = SegmentText.FormatOptions(segment.Options, Irs, _clockOrigin),
            OptionBytes = segment.Options.ToArray(),
            Payload = payload,
            SegmentSize = segment.SegmentSize,
            At = Now,
        };
        Assert.True(segment.Options.Length % 4 == 0 && segment.Options.Length <= 40, "Options fill whole words, 40 bytes at most.");
        _sent.Enqueue(Last);
    }

    int ITcpEnvironment.GetPathMtu(TcpConnection connection, Instant now) => PathMtu;

    void ITcpEnvironment.ScheduleTimer(TcpConnection connection, Instant deadline) => Deadline = deadline;

    void ITcpEnvironment.OnStateChanged(TcpConnection connection, TcpState from, TcpState to) => States.Add(to);

    void ITcpEnvironment.OnReadable(TcpConnection connection) => ReadableEvents++;

    void ITcpEnvironment.OnWritable(TcpConnection connection) => WritableEvents++;

    void ITcpEnvironment.OnClosed(TcpConnection connection, TcpCloseReason reason)
    {
        Assert.Null(Closed);
        Closed = reason;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{State} at {Elapsed.TotalSeconds:F3}");

    private sealed class ZeroRandom : RandomSource
    {
        public override ulong NextUInt64() => 0;
    }
}
