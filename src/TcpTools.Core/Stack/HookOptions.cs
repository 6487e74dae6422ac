using System;
using System.Collections.Generic;

namespace TcpTools.Stack;

/// <summary>How a hook is set up. One of <see cref="Hook"/>, <see cref="Handler"/> and <see cref="Deferred"/> is given.</summary>
public sealed record HookOptions
{
    /// <summary>Where it is called.</summary>
    public required IReadOnlyList<HookStage> Stages { get; init; }

    /// <summary>For which packets.</summary>
    public HookFilter Filter { get; init; } = HookFilter.All;

    /// <summary>Who is called.</summary>
    public IPacketHook? Hook { get; init; }

    /// <summary>What is called.</summary>
    public PacketHookHandler? Handler { get; init; }

    /// <summary>Who takes packets and decides later.</summary>
    public IDeferredPacketHook? Deferred { get; init; }

    /// <summary>Its name; a number is made one when there is none.</summary>
    public string? Name { get; init; }

    /// <summary>What it does, in a few words for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Hooks of one stage are called from low to high, those of equal order as they were registered.</summary>
    public int Order { get; init; }

    /// <summary>After so many packets that passed the filter the hook ends; null for never.</summary>
    public int? Limit { get; init; }

    /// <summary>After so long, by the stack's clock, the hook ends, and what it holds goes on; null for never.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How many packets may wait for a deferred decision; those that come while so many wait are dropped and counted.</summary>
    public int Capacity { get; init; } = 1024;
}
