using System;

namespace TcpTools.Linux;

/// <summary>How a packet socket's frames come: a batch a system call, or through memory shared with the kernel.</summary>
internal interface IPacketSource : IDisposable
{
    /// <summary>Takes the next frame, valid until the next call; false when there is none at present.</summary>
    /// <exception cref="StackException">There will never be one again.</exception>
    bool TryTake(out SocketFrame frame);
}
