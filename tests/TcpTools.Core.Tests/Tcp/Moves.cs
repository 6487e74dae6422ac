using System;
using FsCheck;
using FsCheck.Fluent;

namespace TcpTools.Tests.Tcp;

/// <summary>
/// Arbitrary bytes read as a list of moves against a piece of the stack, so that a failing list is shrunk to a short one.
/// </summary>
internal sealed class Moves(byte[] bytes)
{
    private int _index;

    public bool IsOver => _index >= bytes.Length;

    public int Made { get; private set; }

    /// <summary>A number from 0 up to but not including the limit; 0 once the bytes are used up.</summary>
    public int Next(int limit)
    {
        Made++;
        int value = Byte();
        return (limit > 256 ? (value << 8) | Byte() : value) % limit;
    }

    public static void CheckAll(Action<Moves> play, int tests = 500)
    {
        Config config = Config.QuickThrowOnFailure.WithMaxTest(tests).WithEndSize(400);
        Check.One(config, Prop.ForAll<byte[]>(bytes => play(new Moves(bytes))));
    }

    private int Byte() => IsOver ? 0 : bytes[_index++];
}
