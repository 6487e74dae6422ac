using System.Runtime.CompilerServices;
using System.Threading;
using TcpTools.Links;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>
/// Which stack of the process works on which link: two on one would take each other's frames. A stack that has stopped
/// gives its link back.
/// </summary>
internal static class LinkClaims
{
    private static readonly Lock s_lock = new();
    private static readonly ConditionalWeakTable<ILink, TcpStack> s_owners = new();

    /// <summary>Starts a stack on a link that nobody else has.</summary>
    /// <exception cref="StackException">Another stack has it.</exception>
    public static TcpStack Start(TcpStackOptions options)
    {
        ILink link = LinkChain.Innermost(options.Link);
        lock (s_lock)
        {
            ThrowIfTaken(link, "Stop that stack first; a wire has another end.");
            TcpStack stack = TcpStack.Start(options);
            s_owners.AddOrUpdate(link, stack);
            return stack;
        }
    }

    /// <summary>Makes sure that no stack works on a link.</summary>
    /// <exception cref="StackException">One does.</exception>
    public static void ThrowIfTaken(ILink link, string advice)
    {
        if (s_owners.TryGetValue(LinkChain.Innermost(link), out TcpStack? owner)
            && owner.State is StackState.Running or StackState.Stopping)
        {
            throw new StackException(
                StackError.LinkInUse, $"The link {link.Name} is in use by the stack '{owner.Name}'.", advice);
        }
    }
}
