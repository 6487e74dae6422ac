namespace TcpTools.Stack;

/// <summary>
/// Somebody who is called for each packet that passes a stage and its filter. It is called under the stack's lock, on
/// whichever thread moves the stack: it must come back soon and must not call the stack, but may look at everything and
/// change the packet through the call. What it throws is counted and kept, and the packet goes on as it is.
/// </summary>
public interface IPacketHook
{
    /// <summary>Decides about a packet.</summary>
    HookVerdict OnPacket(ref HookCall call);
}

/// <summary>An <see cref="IPacketHook"/> in one method.</summary>
public delegate HookVerdict PacketHookHandler(ref HookCall call);

/// <summary>
/// Somebody who decides later, on a thread of his own: each packet is taken out of the flow and given to him, and goes on
/// from where it was when he says so. No lock is held meanwhile, and other packets pass.
/// </summary>
public interface IDeferredPacketHook
{
    /// <summary>
    /// Takes a packet, under the stack's lock: it is only to be put into a queue. Whoever has decided calls
    /// <see cref="HeldPacket.Release"/>, in the order in which packets came.
    /// </summary>
    void Take(HeldPacket packet);
}
