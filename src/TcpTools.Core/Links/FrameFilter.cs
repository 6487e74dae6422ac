using System;

namespace TcpTools.Links;

/// <summary>Tells whether a frame is wanted. Called on whatever thread has the frame: must not wait and must not throw.</summary>
/// <param name="frame">The whole frame, valid during the call.</param>
public delegate bool FrameFilter(ReadOnlySpan<byte> frame);
