using System;

namespace TcpTools.Stack;

/// <summary>What a hook wants to become of a packet.</summary>
public enum HookAction
{
    /// <summary>It goes on, with whatever the hook has changed in it.</summary>
    Accept,

    /// <summary>It goes nowhere.</summary>
    Drop,

    /// <summary>It goes on later, or when the hook is removed.</summary>
    Delay,

    /// <summary>It goes on, and copies of it follow.</summary>
    Duplicate,
}

/// <summary>A hook's decision about one packet. The default value accepts.</summary>
public readonly record struct HookVerdict
{
    private HookVerdict(HookAction action, TimeSpan span, int copies)
    {
        Action = action;
        Span = span;
        Copies = copies;
    }

    /// <summary>Lets the packet go on.</summary>
    public static HookVerdict Accept => default;

    /// <summary>Lets the packet vanish.</summary>
    public static HookVerdict Drop => new(HookAction.Drop, default, 0);

    /// <summary>Keeps the packet until the hook is removed.</summary>
    public static HookVerdict Hold => new(HookAction.Delay, TimeSpan.MaxValue, 0);

    /// <summary>What is to become of the packet.</summary>
    public HookAction Action { get; }

    /// <summary>How long to delay; between copies, the gap. <see cref="TimeSpan.MaxValue"/> until the hook is removed.</summary>
    public TimeSpan Span { get; }

    /// <summary>How many packets follow the first.</summary>
    public int Copies { get; }

    /// <summary>Keeps the packet for a while, by the stack's clock. Nothing less than zero.</summary>
    public static HookVerdict Delay(TimeSpan span) =>
        new(HookAction.Delay, span < TimeSpan.Zero ? TimeSpan.Zero : span, 0);

    /// <summary>Lets the packet go on, and copies after it.</summary>
    /// <param name="copies">How many copies beside the packet itself.</param>
    /// <param name="gap">The time between one and the next.</param>
    public static HookVerdict Duplicate(int copies = 1, TimeSpan gap = default) =>
        new(HookAction.Duplicate, gap < TimeSpan.Zero ? TimeSpan.Zero : gap, Math.Max(0, copies));
}
