using System;

namespace TcpTools.Tcp;

/// <summary>
/// No congestion control: the window is always the same, so that only the peer's window, or the bytes given, limit what is in flight. For
/// exercises and for paths that nobody else uses; on a shared network it is unfair and, with losses, slow.
/// </summary>
public sealed class FixedWindow : ICongestionControl
{
    /// <summary>A window of this many bytes.</summary>
    /// <exception cref="StackException">The window is not positive.</exception>
    public FixedWindow(int bytes = CongestionWindow.Maximum)
    {
        if (bytes is < 1 or > CongestionWindow.Maximum)
        {
            throw new StackException(
                StackError.InvalidArgument, $"A fixed window has 1 to {CongestionWindow.Maximum} bytes, not {bytes}.");
        }

        Window = bytes;
    }

    /// <inheritdoc/>
    public string Name => "none";

    /// <inheritdoc/>
    public int Window { get; }

    /// <inheritdoc/>
    public int SlowStartThreshold => int.MaxValue;

    /// <inheritdoc/>
    public void OnEstablished(int mss, Instant now)
    {
    }

    /// <inheritdoc/>
    public void OnAck(in AckSample sample)
    {
    }

    /// <inheritdoc/>
    public void OnLoss(int bytesInFlight, Instant now)
    {
    }

    /// <inheritdoc/>
    public void OnTimeout(int bytesInFlight, Instant now)
    {
    }

    /// <inheritdoc/>
    public void OnRecoveryExit(Instant now)
    {
    }

    /// <inheritdoc/>
    public void OnIdle(TimeSpan idle, TimeSpan rto)
    {
    }

    /// <inheritdoc/>
    public void Undo()
    {
    }
}
