using System;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.Hooks;

/// <summary>
/// A hook in C# that gets packets as objects. It is called under the stack's lock as every <see cref="IPacketHook"/> is, and
/// must not call the stack.
/// </summary>
public sealed class PacketActionHook(Action<PacketHookContext> action) : IPacketHook
{
    /// <inheritdoc/>
    public HookVerdict OnPacket(ref HookCall call)
    {
        PacketHookContext context = new(ref call);
        action(context);
        if (context.TakeChanged() is { } bytes)
        {
            call.Replace(bytes);
            call.KeepChecksums = true;
        }

        foreach (Packet answer in context.Answers)
        {
            call.Answer(answer.ToBytes());
        }

        return context.Verdict;
    }
}
