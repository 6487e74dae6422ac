using System;

namespace TcpTools.Tcp;

/// <summary>Congestion control of RFC 5681 and RFC 6582 with the initial window of RFC 6928.</summary>
public sealed class NewReno : ICongestionControl
{
    private int InitialSegments { get; }

    /// <summary>A congestion control for one connection.</summary>
    public NewReno(TcpSettings settings)
    {
        InitialSegments = settings.InitialWindow;
    }

    /// <inheritdoc/>
    public string Name => "newreno";

    /// <inheritdoc/>
    public int Window { get; private set; }

    /// <inheritdoc/>
    public int SlowStartThreshold { get; private set; } = int.MaxValue;

    /// <inheritdoc/>
    public void OnEstablished(int mss, Instant now) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void OnAck(in AckSample sample) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void OnLoss(int bytesInFlight, Instant now) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void OnTimeout(int bytesInFlight, Instant now) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void OnRecoveryExit(Instant now) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void OnIdle(TimeSpan idle, TimeSpan rto) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Undo() => throw new NotSupportedException();
}
