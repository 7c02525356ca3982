using System.Globalization;

namespace Bento.OnnxRuntime.Rows;

/// <summary>A number that was given without a type, as an element of a type.</summary>
internal static class RowNumber
{
    /// <exception cref="ArgumentException">The type cannot hold it.</exception>
    public static T Of<T>(double value, ValueInfo input)
        where T : unmanaged
    {
        bool isReal = typeof(T) == typeof(float) || typeof(T) == typeof(double)
            || typeof(T) == typeof(Half) || typeof(T) == typeof(BFloat16);
        if (isReal || Math.Truncate(value) == value)
        {
            try
            {
                return (T)(
                    typeof(T) == typeof(Half) ? (Half)value
                    : typeof(T) == typeof(BFloat16) ? BFloat16.FromSingle((float)value)
                    : Convert.ChangeType(value, typeof(T), CultureInfo.InvariantCulture));
            }
            catch (OverflowException)
            {
                // Told below, as a fraction is.
            }
        }

        throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture,
            $"The padding of the input '{input.Name}' is {value}; wanted a number that {input.ElementType} can hold."));
    }
}
