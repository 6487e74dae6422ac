using System;

namespace TcpTools.Capture;

/// <summary>Where captured frames go. Several links may share one sink, from several threads.</summary>
public interface ICaptureSink : IDisposable
{
    /// <summary>
    /// Takes a frame, whose bytes are valid during the call only. Called where the frame passes, so it must be quick, and
    /// it never throws: what a sink cannot keep it counts.
    /// </summary>
    void Add(in CapturedFrame frame);

    /// <summary>Frames that could not be kept.</summary>
    long Dropped { get; }
}
