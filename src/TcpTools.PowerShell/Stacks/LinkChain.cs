using TcpTools.Capture;
using TcpTools.Links;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Links are wrapped in one another; this looks inside.</summary>
internal static class LinkChain
{
    /// <summary>The outermost link of a kind.</summary>
    public static T? Find<T>(ILink? link)
        where T : class, ILink
    {
        while (link is not null)
        {
            if (link is T found)
            {
                return found;
            }

            link = Inner(link);
        }

        return null;
    }

    /// <summary>The link that all the others are wrapped around.</summary>
    public static ILink Innermost(ILink link)
    {
        while (Inner(link) is { } inner)
        {
            link = inner;
        }

        return link;
    }

    private static ILink? Inner(ILink link) => link switch
    {
        ImpairmentLink impairment => impairment.Inner,
        CaptureTap tap => tap.Inner,
        LayerLink layers => layers.Inner,
        _ => null,
    };
}
