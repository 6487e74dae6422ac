using System;
using System.Threading;
using TcpTools.Linux;

namespace TcpTools.Channels;

/// <summary>Waits for a descriptor, a time or a cancellation, whichever comes first.</summary>
internal sealed class ChannelWaiter : IDisposable
{
    private readonly Poller _poller = new();
    private readonly int _index;

    internal ChannelWaiter(int descriptor) => _index = _poller.Watch(descriptor);

    /// <summary>Waits; may return early without cause.</summary>
    internal void Wait(int descriptor, TimeSpan limit, CancellationToken cancellationToken)
    {
        _poller.Replace(_index, descriptor);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static poller => ((Poller)poller!).Wake(), _poller);
        _poller.Wait(limit);
    }

    /// <summary>Ends the wait, or the next one. From any thread.</summary>
    internal void Wake() => _poller.Wake();

    public void Dispose() => _poller.Dispose();
}
