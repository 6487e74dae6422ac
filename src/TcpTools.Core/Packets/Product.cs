using System;
using System.Collections.Generic;

namespace TcpTools.Packets;

/// <summary>
/// Every combination of the values of several fields, made one at a time when it is asked for. The field named last
/// changes fastest, like the last digit of a number.
/// </summary>
/// <typeparam name="T">What has the fields.</typeparam>
public sealed class Product<T>
    where T : class
{
    private readonly List<IDimension> _dimensions = [];

    private interface IDimension
    {
        IWalk Start();
    }

    private interface IWalk : IDisposable
    {
        bool MoveNext();

        void Apply(T target);
    }

    /// <summary>Adds a field with the values to try; without any it stays as it is.</summary>
    /// <param name="values">The values; null leaves the field alone.</param>
    /// <param name="set">Sets the field.</param>
    public Product<T> With<TValue>(IEnumerable<TValue>? values, Action<T, TValue> set)
    {
        if (values is not null)
        {
            _dimensions.Add(new Dimension<TValue>(values, set));
        }

        return this;
    }

    /// <summary>Makes one object for each combination. A field with no values to try makes none at all.</summary>
    public IEnumerable<T> Make(Func<T> create)
    {
        IWalk?[] walks = new IWalk?[_dimensions.Count];
        try
        {
            // From the first field on, each is started; from the last one back, each moves on and starts the next ones anew.
            int at = 0;
            while (at >= 0)
            {
                if (at == walks.Length)
                {
                    T target = create();
                    foreach (IWalk? walk in walks)
                    {
                        walk!.Apply(target);
                    }

                    yield return target;
                    at--;
                    continue;
                }

                walks[at] ??= _dimensions[at].Start();
                if (walks[at]!.MoveNext())
                {
                    at++;
                    continue;
                }

                walks[at]!.Dispose();
                walks[at] = null;
                at--;
            }
        }
        finally
        {
            foreach (IWalk? walk in walks)
            {
                walk?.Dispose();
            }
        }
    }

    private sealed class Dimension<TValue>(IEnumerable<TValue> values, Action<T, TValue> set) : IDimension
    {
        public IWalk Start() => new Walk(values.GetEnumerator(), set);

        private sealed class Walk(IEnumerator<TValue> at, Action<T, TValue> set) : IWalk
        {
            public bool MoveNext() => at.MoveNext();

            public void Apply(T target) => set(target, at.Current);

            public void Dispose() => at.Dispose();
        }
    }
}
