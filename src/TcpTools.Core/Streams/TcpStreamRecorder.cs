using System;
using TcpTools.Buffers;

namespace TcpTools.Streams;

/// <summary>Keeps the data of each stream with the stream, and hands streams over as they end.</summary>
/// <param name="ended">Is given each stream at its end; those that never opened too.</param>
/// <param name="strange">Is given what is strange beside streams, such as scans; null for nobody.</param>
/// <param name="maximumBytes">Bytes kept of a stream, both directions together; what is more is only counted. 0 keeps no data.</param>
/// <param name="maximumTotalBytes">Bytes kept of all streams that have not ended.</param>
public sealed class TcpStreamRecorder(
    Action<TcpStream> ended,
    Action<StreamAnomaly>? strange = null,
    long maximumBytes = TcpStreamRecorder.DefaultMaximumBytes,
    long maximumTotalBytes = TcpStreamRecorder.DefaultMaximumTotalBytes) : TcpStreamObserver
{
    /// <summary>Bytes kept of a stream unless said otherwise.</summary>
    public const long DefaultMaximumBytes = 64L * 1024 * 1024;

    /// <summary>Bytes kept of all streams that have not ended unless said otherwise.</summary>
    public const long DefaultMaximumTotalBytes = 1L << 30;

    private readonly KeptBudget _budget = new(maximumTotalBytes);

    /// <inheritdoc/>
    public override void Data(TcpStream stream, in StreamData data)
    {
        if (maximumBytes > 0)
        {
            RecordingOf(stream).Add(data);
        }
    }

    /// <inheritdoc/>
    public override void Urgent(TcpStream stream, in StreamData data)
    {
        if (maximumBytes > 0)
        {
            RecordingOf(stream).AddUrgent(data);
        }
    }

    /// <inheritdoc/>
    public override void Gap(TcpStream stream, StreamGap gap) => RecordingOf(stream).Add(gap);

    /// <inheritdoc/>
    public override void Ended(TcpStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _budget.GiveBack(stream.Recording?.Charge ?? 0);
        ended(stream);
    }

    /// <inheritdoc/>
    public override void Anomaly(StreamAnomaly anomaly)
    {
        ArgumentNullException.ThrowIfNull(anomaly);
        if (anomaly.Stream is { IsEnded: false } stream)
        {
            RecordingOf(stream).Add(anomaly);
        }
        else
        {
            strange?.Invoke(anomaly);
        }
    }

    private TcpStreamRecording RecordingOf(TcpStream stream) => stream.Recording ??= new TcpStreamRecording(stream, maximumBytes, _budget);
}
