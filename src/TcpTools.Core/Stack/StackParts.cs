using System;
using System.Collections.Generic;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <summary>The parts of a stack, other than those of its connections (<see cref="TcpParts"/>), that have names.</summary>
public static class StackParts
{
    /// <summary>The choice of local ports, made for the first and the last port.</summary>
    public static IReadOnlyList<NamedPart<Func<RandomSource, int, int, IPortSelector>>> PortSelections { get; } =
    [
        new("Rfc6056", "double-hash port selection, the default", static (random, first, last) => new PortAllocator(random, first, last)),
        new("Sequential", "one after another", static (_, first, last) => new SequentialPorts(first, last)),
        new("Random", "a random one each time", static (random, first, last) => new RandomPorts(random, first, last)),
    ];
}
