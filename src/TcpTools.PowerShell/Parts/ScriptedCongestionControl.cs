using System;
using System.Collections;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>What a scripted congestion control is told of.</summary>
public enum CongestionEventKind
{
    /// <summary>The connection begins to send, or its segments have another size from now on.</summary>
    Established,

    /// <summary>An acknowledgment has come.</summary>
    Ack,

    /// <summary>A loss was found, and recovery begins.</summary>
    Loss,

    /// <summary>The retransmission timer has expired.</summary>
    Timeout,

    /// <summary>Recovery is over.</summary>
    RecoveryExit,

    /// <summary>Sending starts again after a pause.</summary>
    Idle,
}

/// <summary>
/// One event of a connection for a scripted congestion control. The script writes the new window in bytes, or sets <see cref="Window"/>;
/// else it stays.
/// </summary>
public sealed class CongestionEvent
{
    internal CongestionEvent(CongestionEventKind kind, int window, int threshold, int mss, Hashtable state)
    {
        Kind = kind;
        Window = window;
        SlowStartThreshold = threshold;
        MaximumSegment = mss;
        State = state;
    }

    /// <summary>What has happened.</summary>
    public CongestionEventKind Kind { get; }

    /// <summary>cwnd in bytes.</summary>
    public int Window { get; set; }

    /// <summary>ssthresh in bytes; <see cref="int.MaxValue"/> before the first loss.</summary>
    public int SlowStartThreshold { get; set; }

    /// <summary>The payload of a full segment, in bytes.</summary>
    public int MaximumSegment { get; }

    /// <summary>What the script wants to remember of this connection.</summary>
    public Hashtable State { get; }

    /// <summary>Bytes newly acknowledged; for an acknowledgment.</summary>
    public int AckedBytes { get; init; }

    /// <summary>Bytes newly reported as received out of order; for an acknowledgment.</summary>
    public int SackedBytes { get; init; }

    /// <summary>Bytes in flight.</summary>
    public int BytesInFlight { get; init; }

    /// <summary>The round-trip time that the acknowledgment measured; zero for none.</summary>
    public TimeSpan Rtt { get; init; }

    /// <summary>Whether the window held sending back.</summary>
    public bool IsWindowLimited { get; init; }

    /// <summary>Whether losses are being repaired.</summary>
    public bool InRecovery { get; init; }

    /// <summary>How long nothing was sent; for a pause.</summary>
    public TimeSpan Idle { get; init; }

    /// <summary>The time on the stack's clock.</summary>
    public Instant Now { get; init; }
}

/// <summary>A congestion control that asks a script at each event, under the stack's lock: slow, for experiments.</summary>
internal sealed class ScriptedCongestionControl(PartScript script, TcpSettings settings) : ICongestionControl
{
    private readonly Hashtable _state = new(StringComparer.OrdinalIgnoreCase);
    private int _mss = settings.DefaultMss;
    private Instant _now;

    public string Name => "script";

    public int Window { get; private set; } = settings.DefaultMss;

    public int SlowStartThreshold { get; private set; } = int.MaxValue;

    public void OnEstablished(int mss, Instant now)
    {
        _mss = mss;
        _now = now;
        Window = settings.InitialWindow * mss;
        Ask(Event(CongestionEventKind.Established));
    }

    public void OnAck(in AckSample sample)
    {
        _now = sample.Now;
        Ask(new CongestionEvent(CongestionEventKind.Ack, Window, SlowStartThreshold, _mss, _state)
        {
            AckedBytes = sample.AckedBytes,
            SackedBytes = sample.SackedBytes,
            BytesInFlight = sample.BytesInFlight,
            Rtt = sample.Rtt,
            IsWindowLimited = sample.IsWindowLimited,
            InRecovery = sample.InRecovery,
            Now = _now,
        });
    }

    public void OnLoss(int bytesInFlight, Instant now)
    {
        _now = now;
        Ask(Event(CongestionEventKind.Loss, bytesInFlight));
    }

    public void OnTimeout(int bytesInFlight, Instant now)
    {
        _now = now;
        Ask(Event(CongestionEventKind.Timeout, bytesInFlight));
    }

    public void OnRecoveryExit(Instant now)
    {
        _now = now;
        Ask(Event(CongestionEventKind.RecoveryExit));
    }

    public void OnIdle(TimeSpan idle, TimeSpan rto) => Ask(Event(CongestionEventKind.Idle, idle: idle));

    public void Undo()
    {
    }

    private CongestionEvent Event(CongestionEventKind kind, int bytesInFlight = 0, TimeSpan idle = default) =>
        new(kind, Window, SlowStartThreshold, _mss, _state) { BytesInFlight = bytesInFlight, Idle = idle, Now = _now };

    private void Ask(CongestionEvent what)
    {
        object? answer = script.Ask(what) is [.., var last] ? last : null;
        if (answer is not null)
        {
            what.Window = PartValues.TryInteger(answer, out long number)
                ? (int)Math.Clamp(number, 1, 1 << 30)
                : throw new StackException(
                    StackError.InvalidData, $"The script answered with {Lookup.Show(answer)}, which is no window in bytes.");
        }

        Window = what.Window;
        SlowStartThreshold = what.SlowStartThreshold;
    }
}
